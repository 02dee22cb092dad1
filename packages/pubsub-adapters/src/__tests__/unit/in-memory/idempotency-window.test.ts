import { afterEach, expect, test } from 'vitest';
import type { PubSubAdapter, PublishReceipt } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import type { MemoryOptions } from '../../../in-memory/memory-options.ts';

let now = 0;
let adapter: PubSubAdapter;

async function start(options: MemoryOptions = {}): Promise<void> {
  now = 1_000_000;
  adapter = memory({ ...options, now: () => now });
  await adapter.start();
}
afterEach(() => adapter.stop());

function publish(id: string): Promise<PublishReceipt> {
  return adapter.publish('orders', { id, json: '{}' });
}

test('remembers an id for five minutes, and not a millisecond longer', async () => {
  await start();
  const { cursor } = await publish('a');
  now += 299_999;
  expect(await publish('a')).toEqual({ cursor, duplicate: true });
  now += 1;
  expect(await publish('a')).toMatchObject({ cursor: { offset: 2 }, duplicate: false });
});

test('a repeat does not prolong the window, a new publish begins a new one', async () => {
  await start({ idempotencyWindowMs: 100 });
  await publish('a');
  now += 60;
  expect((await publish('a')).duplicate).toBe(true);
  now += 60;
  expect((await publish('a')).duplicate).toBe(false);
  now += 60;
  expect((await publish('a')).duplicate).toBe(true);
});

test('remembers at most maxIdsPerChannel, the newest, and says so', async () => {
  await start({ maxIdsPerChannel: 2 });
  expect(adapter.capabilities).toMatchObject({
    idempotencyWindowMs: 300_000,
    idempotencyMaxIds: 2,
  });
  for (const id of ['a', 'b', 'c']) await publish(id);
  expect((await publish('c')).duplicate).toBe(true);
  expect((await publish('b')).duplicate).toBe(true);
  expect((await publish('a')).duplicate).toBe(false);
});

test('forgets no younger id before an older one when the clock jumps back', async () => {
  await start({ idempotencyWindowMs: 100 });
  await publish('early');
  now -= 1000;
  await publish('late');
  now += 1050;
  expect((await publish('early')).duplicate).toBe(true);
  expect((await publish('late')).duplicate).toBe(false);
});
