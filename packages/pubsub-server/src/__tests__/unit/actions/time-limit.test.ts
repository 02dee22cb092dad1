import { expect, onTestFinished, test, vi } from 'vitest';
import { withTimeLimit } from '../../../actions/time-limit.ts';

test('what a task gives in time is the answer, and nothing is left behind', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { signal } = new AbortController();
  const removed = vi.spyOn(signal, 'removeEventListener');
  expect(
    await withTimeLimit(
      100,
      signal,
      async () => 7,
      () => new Error('late'),
    ),
  ).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
  expect(removed).toHaveBeenCalledOnce();
});

test('a task that fails because its time is over is late, not failed', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const result = withTimeLimit(
    100,
    new AbortController().signal,
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    () => new Error('late'),
  );
  const late = expect(result).rejects.toThrow('late');
  await vi.advanceTimersByTimeAsync(100);
  await late;
});

test('an abort from outside reaches the task, before its start and after', async () => {
  const parent = new AbortController();
  const seen: boolean[] = [];
  const task = async (signal: AbortSignal): Promise<void> => {
    if (!signal.aborted) parent.abort();
    seen.push(signal.aborted);
  };
  for (let each = 0; each < 2; each += 1) {
    await withTimeLimit(10_000, parent.signal, task, () => new Error('late'));
  }
  expect(seen).toEqual([true, true]);
});
