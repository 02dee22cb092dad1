import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PubSubAdapter } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import type { MemoryOptions } from '../../../in-memory/memory-options.ts';

const day = 86_400_000;
let adapter: PubSubAdapter;

beforeEach(() => vi.useFakeTimers());
afterEach(async () => {
  await adapter.stop();
  vi.useRealTimers();
});

async function start(options: MemoryOptions): Promise<void> {
  adapter = memory(options);
  await adapter.start();
}
async function publish(channel: string): Promise<{ epoch: string; offset: number }> {
  return (await adapter.publish(channel, { id: crypto.randomUUID(), json: '{}' })).cursor;
}
/** Moves the clock in one step, and lets one sweep follow. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await vi.advanceTimersByTimeAsync(5000);
}
async function outcome(channel: string, after: { epoch: string; offset: number }): Promise<string> {
  return (await adapter.read(channel, { after, limit: 1 })).outcome;
}

test('a new channel beyond maxChannels takes the place of the longest idle one', async () => {
  await start({ maxChannels: 3 });
  const [a, b, c] = [await publish('a'), await publish('b'), await publish('c')];
  // Use counts, by whichever operation.
  await adapter.position('a');
  await publish('d');
  expect(await outcome('a', a)).toBe('ok');
  expect(await outcome('c', c)).toBe('ok');
  expect(await outcome('b', b)).toBe('reset');
});

test('a channel with a subscriber is never evicted; when all have one, a new channel is an overflow', async () => {
  await start({ maxChannels: 2 });
  const leave = await adapter.subscribe('a', () => {});
  await adapter.subscribe('b', () => {});
  const a = await publish('a');
  for (const refused of [() => publish('c'), () => adapter.subscribe('c', () => {})]) {
    await expect(refused()).rejects.toMatchObject({ code: 'overflow', retryable: true });
  }
  expect(await outcome('a', a)).toBe('ok');
  expect(await outcome('c', await adapter.position('c'))).toBe('ok');
  leave();
  leave();
  expect(await publish('c')).toMatchObject({ offset: 1 });
  expect(await publish('b')).toMatchObject({ offset: 1 });
});

test('reading channels that nobody uses pushes no log out, however many are read', async () => {
  await start({ maxChannels: 2 });
  const [a, b] = [await publish('a'), await publish('b')];
  for (let index = 0; index < 10; index += 1) {
    const position = await adapter.position(`x/${index}`);
    expect(await adapter.read(`x/${index}`, { limit: 1 })).toMatchObject({ top: position });
  }
  expect(await outcome('a', a)).toBe('ok');
  expect(await outcome('b', b)).toBe('ok');
});

test('one who came and left where nothing was published gives way before any log with events', async () => {
  await start({ maxChannels: 3 });
  const a = await publish('a');
  for (const channel of ['x', 'y', 'z']) (await adapter.subscribe(channel, () => {}))();
  const b = await publish('b');
  const c = await publish('c');
  for (const [channel, cursor] of [
    ['a', a],
    ['b', b],
    ['c', c],
  ] as const)
    expect(await outcome(channel, cursor)).toBe('ok');
});

test('a position from before the first event stays true once there is one', async () => {
  await start({ maxChannels: 2 });
  const before = await adapter.position('a');
  (await adapter.subscribe('a', () => {}))();
  for (const channel of ['x', 'y']) (await adapter.subscribe(channel, () => {}))();
  const first = await publish('a');
  expect(first).toEqual({ epoch: before.epoch, offset: 1 });
  expect(await adapter.read('a', { after: before, limit: 10 })).toMatchObject({
    outcome: 'ok',
    entries: [{ cursor: first }],
  });
});

test('a log that was evicted with its events never comes back under its epoch', async () => {
  await start({ maxChannels: 1 });
  const epochs = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    const a = await publish('a');
    expect(a.offset).toBe(1);
    epochs.add(a.epoch);
    await publish('b');
    expect(await outcome('a', a)).toBe('reset');
  }
  expect(epochs.size).toBe(5);
});

test('one who leaves after a restart does not make the new log an idle one', async () => {
  await start({ maxChannels: 1 });
  const leave = await adapter.subscribe('a', () => {});
  await adapter.stop();
  await adapter.start();
  await adapter.subscribe('a', () => {});
  leave();
  await expect(publish('b')).rejects.toMatchObject({ code: 'overflow' });
});

test('an idle channel keeps its position for 30 days after its events are gone, then it is a reset', async () => {
  await start({});
  const cursor = await publish('a');
  await pass(30 * day - 10_000);
  expect((await adapter.read('a', { limit: 1 })).entries).toEqual([]);
  expect(await outcome('a', cursor)).toBe('ok');
  await pass(30 * day - 10_000);
  expect(await outcome('a', cursor)).toBe('ok');
  await pass(30 * day);
  expect(await outcome('a', cursor)).toBe('reset');
});

test('a channel with a subscriber outlives any time', async () => {
  await start({ positionTtlMs: 1000, idempotencyWindowMs: 0 });
  await adapter.subscribe('a', () => {});
  const retention = { maxEvents: 0 };
  const [a, b] = [
    (await adapter.publish('a', { id: 'a', json: '{}', retention })).cursor,
    (await adapter.publish('b', { id: 'b', json: '{}', retention })).cursor,
  ];
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await outcome('a', a)).toBe('ok');
  expect(await outcome('b', b)).toBe('reset');
});

test('a channel that still holds events outlives positionTtlMs', async () => {
  await start({ positionTtlMs: 1000, idempotencyWindowMs: 0 });
  const cursor = await publish('a');
  await vi.advanceTimersByTimeAsync(3_590_000);
  expect(await outcome('a', cursor)).toBe('ok');
});

test('the sweep drops expired events of channels that nobody touches', async () => {
  await start({});
  await publish('a');
  await vi.advanceTimersByTimeAsync(3_600_000 + 5000);
  // The clock goes back, so that only the sweep can have dropped it.
  vi.setSystemTime(Date.now() - 3_600_000);
  expect((await adapter.read('a', { limit: 10 })).entries).toEqual([]);
});

test('more channels than one sweep visits are swept by the following ones', async () => {
  await start({});
  const channels = Array.from({ length: 4500 }, (_, index) => `channel/${index}`);
  for (const channel of channels) await publish(channel);
  await vi.advanceTimersByTimeAsync(3_600_000 + 5 * 5000);
  vi.setSystemTime(Date.now() - 3_600_000);
  const left = await Promise.all(channels.map((channel) => adapter.read(channel, { limit: 1 })));
  expect(left.filter((page) => page.entries.length > 0)).toEqual([]);
});

test('one timer runs from start to stop, and does not keep the process alive', async () => {
  await start({});
  expect(vi.getTimerCount()).toBe(1);
  await adapter.start();
  expect(vi.getTimerCount()).toBe(1);
  await adapter.stop();
  expect(vi.getTimerCount()).toBe(0);
});
