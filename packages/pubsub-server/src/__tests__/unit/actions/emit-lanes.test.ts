import { expect, onTestFinished, test, vi } from 'vitest';
import { EmitLanes } from '../../../actions/emit-lanes.ts';

test('a task whose turn does not come in time is never started, and the one behind it keeps its place', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lanes = new EmitLanes();
  const trail: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lanes.run(
    'a',
    async () => {
      await gate.promise;
      trail.push('first');
    },
    100,
  );
  const second = lanes.run('a', async () => void trail.push('second'), 100);
  const third = lanes.run('a', async () => void trail.push('third'), 1000);
  const refused = expect(second).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await vi.advanceTimersByTimeAsync(100);
  await refused;
  await lanes.run('b', async () => void trail.push('another lane'), 100);
  expect(trail).toEqual(['another lane']);
  gate.resolve();
  await Promise.all([first, third]);
  expect(trail).toEqual(['another lane', 'first', 'third']);
  expect(vi.getTimerCount()).toBe(0);
});

test("a task that rejects is its caller's; the lane goes on", async () => {
  const lanes = new EmitLanes();
  const broken = lanes.run('a', () => Promise.reject(new Error('broken')), 100);
  const next = lanes.run('a', async () => 'next', 100);
  await expect(broken).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
