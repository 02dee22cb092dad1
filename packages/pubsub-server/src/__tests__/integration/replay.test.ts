import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { formatCursor, type PubSubAdapter } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { startLab, tick } from '../mocks/lab.ts';
import { numbers, openStream, range, subscribe } from '../mocks/stream-client.ts';

test('a long replay goes page by page, and what overflows the live buffer meanwhile is read from the log', async () => {
  const inner = memory();
  const limits: number[] = [];
  let duringRead: (() => Promise<void>) | undefined;
  const adapter: PubSubAdapter = {
    ...inner,
    read: async (channel, options) => {
      limits.push(options.limit);
      const page = await inner.read(channel, options);
      await duringRead?.();
      return page;
    },
  };
  const { pubsub, url } = await startLab({ adapter, limits: { replayPage: 10, replayBuffer: 5 } });
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 0 });
  await tick(pubsub, 1, 200);

  let next = 201;
  duringRead = async () => {
    // Far more than the buffer holds, at each of the first reads.
    if (next > 250) return;
    const from = next;
    next += 20;
    await tick(pubsub, from, next - 1);
  };
  const client = await subscribe(url, [{ channel: 'ticks', cursor: formatCursor(cursor) }]);
  duringRead = undefined;
  await tick(pubsub, next, next + 4);
  await client.until(() => numbers(client).at(-1) === next + 4);

  expect(numbers(client)).toEqual(range(1, next + 4));
  expect(client.control('attached')[0]).toMatchObject({ outcome: 'recovered' });
  expect(client.control('gap')).toEqual([]);
  expect(limits.length).toBeGreaterThan(20);
  expect(new Set(limits)).toEqual(new Set([10]));
});

test('events trimmed under a replay are told as a gap, and the replay goes on at the oldest', async () => {
  const inner = memory();
  let reads = 0;
  const adapter: PubSubAdapter = {
    ...inner,
    read: async (channel, options) => {
      reads += 1;
      if (reads === 2) await inner.trim(channel, { epoch: options.after!.epoch, offset: 50 });
      return inner.read(channel, options);
    },
  };
  const { pubsub, url } = await startLab({ adapter, limits: { replayPage: 10 } });
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 0 });
  await tick(pubsub, 1, 99);

  const client = await subscribe(url, [{ channel: 'ticks', cursor: formatCursor(cursor) }]);
  const at = (offset: number): string => formatCursor({ epoch: cursor.epoch, offset });
  expect(client.control('attached')[0]).toMatchObject({ outcome: 'recovered' });
  expect(client.control('gap')).toEqual([
    expect.objectContaining({ outcome: 'gap', from: at(11), to: at(50) }),
  ]);
  expect(numbers(client)).toEqual([...range(1, 10), ...range(50, 99)]);
});

test('a client that stops reading in the middle of a replay holds back the reads, not the memory', async () => {
  const inner = memory();
  let reads = 0;
  const adapter: PubSubAdapter = {
    ...inner,
    read: (channel, options) => {
      reads += 1;
      return inner.read(channel, options);
    },
  };
  const { pubsub, url, sockets } = await startLab({
    adapter,
    limits: { replayPage: 1, historyEvents: 1 },
  });
  const text = 'x'.repeat(200_000);
  const { cursor } = await pubsub.publish('chat:said', { text }, { channel: 'chat/1' });
  for (let sent = 0; sent < 150; sent += 1)
    await pubsub.publish('chat:said', { text }, { channel: 'chat/1' });

  const client = await openStream(`${url}/stream`, {
    body: { channels: [{ channel: 'chat/1', cursor: formatCursor(cursor) }] },
    paused: true,
  });
  // The kernel takes some of it; then a turn passes without a read.
  for (let before = -1; before !== reads;) {
    before = reads;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(reads).toBeGreaterThan(1);
  expect(reads).toBeLessThan(150);
  const [socket] = sockets;
  expect(socket?.writableLength).toBeLessThan(1_000_000);
  expect((await pubsub.status()).streams).toBe(1);
  client.close();
});
