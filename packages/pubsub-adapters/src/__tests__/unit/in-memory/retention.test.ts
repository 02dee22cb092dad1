import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PubSubAdapter, Retention } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';

const channel = 'orders';
let now = 0;
let adapter: PubSubAdapter;

beforeEach(async () => {
  now = 1_000_000;
  adapter = memory({ now: () => now });
  await adapter.start();
});
afterEach(() => adapter.stop());

async function publish(id: string, retention?: Retention): Promise<void> {
  await adapter.publish(channel, { id, json: '{}', ...(retention ? { retention } : {}) });
}
async function held(): Promise<string[]> {
  return (await adapter.read(channel, { limit: 5000 })).entries.map((entry) => entry.id);
}

test('keeps exactly maxEvents, as the newest publish says', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await publish(id, { maxEvents: 3 });
  expect(await held()).toEqual(['b', 'c', 'd']);
  await publish('e', { maxEvents: 2 });
  expect(await held()).toEqual(['d', 'e']);
  await publish('f', { maxEvents: 3 });
  expect(await held()).toEqual(['d', 'e', 'f']);
});

test('maxEvents 0 keeps nothing, and still delivers and counts', async () => {
  const seen: number[] = [];
  await adapter.subscribe(channel, (entries) =>
    seen.push(...entries.map((entry) => entry.cursor.offset)),
  );
  await publish('a', { maxEvents: 0 });
  await publish('b', { maxEvents: 0 });
  expect(await held()).toEqual([]);
  expect(seen).toEqual([1, 2]);
});

test('drops by age at a read, to the millisecond, and says gap', async () => {
  const start = await adapter.position(channel);
  await publish('a', { maxAgeMs: 100 });
  now += 60;
  await publish('b', { maxAgeMs: 100 });
  now += 39;
  expect(await held()).toEqual(['a', 'b']);
  now += 1;
  expect(await held()).toEqual(['b']);
  expect(await adapter.read(channel, { after: start, limit: 10 })).toMatchObject({
    outcome: 'gap',
    from: { offset: 1 },
  });
  now += 60;
  const page = await adapter.read(channel, { after: start, limit: 10 });
  expect(page).toMatchObject({
    outcome: 'gap',
    entries: [],
    from: { offset: 2 },
    top: { offset: 2 },
  });
});

test('drops by age at a publish, so that a busy channel holds nothing old', async () => {
  await publish('a', { maxAgeMs: 100 });
  now += 100;
  await publish('b', { maxAgeMs: 100 });
  now -= 100;
  expect(await held()).toEqual(['b']);
});

test('keeps 1000 events for an hour where a publish does not say', async () => {
  for (let count = 0; count <= 1000; count += 1) await publish(`event-${count}`);
  expect(await held()).toHaveLength(1000);
  now += 3_599_999;
  expect(await held()).toHaveLength(1000);
  now += 1;
  expect(await held()).toEqual([]);
});

test('a clock that jumps back drops nothing and repeats no offset', async () => {
  await publish('a', { maxAgeMs: 100 });
  now -= 50_000;
  await publish('b', { maxAgeMs: 100 });
  expect(await held()).toEqual(['a', 'b']);
  expect((await adapter.position(channel)).offset).toBe(2);
});
