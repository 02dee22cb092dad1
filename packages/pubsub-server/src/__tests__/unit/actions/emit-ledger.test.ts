import { expect, test } from 'vitest';
import { memoryLedger, type EmitRun, type EmitStart } from '../../../actions/emit-ledger.ts';

const claim = (id: string, fingerprint = 'f', userId?: string) => ({
  event: 'orders:created',
  id,
  userId,
  fingerprint,
});
const busy = { code: 'unavailable', message: 'later', retryable: true };

function runOf(start: EmitStart): EmitRun {
  if (start.status !== 'run') throw new Error(`expected to run, got ${start.status}`);
  return start.run;
}

test('the first claim runs; what it settles with is what repeats get', async () => {
  const ledger = memoryLedger({ maxIds: 10, maxBytes: 1000 });
  const run = runOf(await ledger.begin(claim('a'), 1000));
  const waiting = ledger.begin(claim('a'), 1000);
  await run.settle({ ok: true, resultJson: '1' });
  const repeat = { status: 'repeat', outcome: { ok: true, resultJson: '1' } };
  expect(await waiting).toEqual(repeat);
  expect(await ledger.begin(claim('a'), 1000)).toEqual(repeat);
  expect(run.attempt).toBe(1);
});

test('another payload or user is a conflict, while it runs and after', async () => {
  const ledger = memoryLedger({ maxIds: 10, maxBytes: 1000 });
  const run = runOf(await ledger.begin(claim('a', 'f', 'ann'), 1000));
  expect(await ledger.begin(claim('a', 'g', 'ann'), 1000)).toEqual({ status: 'conflict' });
  await run.settle({ ok: true });
  expect(await ledger.begin(claim('a', 'f', 'bob'), 1000)).toEqual({ status: 'conflict' });
  expect(
    await ledger.begin({ ...claim('a', 'f', 'ann'), event: 'other:event' }, 1000),
  ).toMatchObject({ status: 'run' });
});

test('a released run gives those who wait its error, and the next one another attempt with what was done', async () => {
  const ledger = memoryLedger({ maxIds: 10, maxBytes: 1000 });
  const first = runOf(await ledger.begin(claim('a'), 1000));
  const waiting = ledger.begin(claim('a'), 1000);
  await first.markActed('7');
  await first.release(busy);
  expect(await waiting).toEqual({ status: 'repeat', outcome: { ok: false, error: busy } });
  const second = runOf(await ledger.begin(claim('a'), 1000));
  expect(second).toMatchObject({ attempt: 2, acted: { resultJson: '7' } });
});

test('it forgets by age, by count and by bytes, the oldest first, and never what runs', async () => {
  let now = 0;
  const forgotten: number[] = [];
  const ledger = memoryLedger({
    maxIds: 3,
    maxBytes: 1000,
    now: () => now,
    onForgotten: (count) => forgotten.push(count),
  });
  const running = runOf(await ledger.begin(claim('running'), 1000));
  for (const id of ['a', 'b', 'c'])
    await runOf(await ledger.begin(claim(id), 1000)).settle({ ok: true });
  expect((await ledger.begin(claim('c'), 1000)).status).toBe('repeat');
  expect((await ledger.begin(claim('b'), 1000)).status).toBe('repeat');
  expect(forgotten).toEqual([1]);
  const waiting = ledger.begin(claim('running'), 1000);
  await running.settle({ ok: true });
  expect((await waiting).status).toBe('repeat');

  await runOf(await ledger.begin(claim('big'), 1000)).settle({
    ok: true,
    resultJson: 'x'.repeat(990),
  });
  expect((await ledger.begin(claim('c'), 1000)).status).toBe('run');

  now = 1000;
  expect((await ledger.begin(claim('big'), 1000)).status).toBe('run');
});

test('what is forgotten is told once a second at most, with all that was not told yet', async () => {
  let now = 0;
  const told: number[] = [];
  const ledger = memoryLedger({
    maxIds: 1,
    maxBytes: 1000,
    now: () => now,
    onForgotten: (count) => told.push(count),
  });
  const emit = async (id: string): Promise<void> =>
    runOf(await ledger.begin(claim(id), 100_000)).settle({ ok: true });
  for (let each = 0; each < 10; each += 1) await emit(`a${each}`);
  expect(told).toEqual([1]);
  now = 1000;
  await emit('b');
  expect(told).toEqual([1, 9]);
  now = 1999;
  await emit('c');
  expect(told).toEqual([1, 9]);
});
