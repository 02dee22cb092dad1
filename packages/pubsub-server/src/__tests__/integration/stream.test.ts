import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { formatCursor } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { createPubSub } from '../../create-pubsub.ts';
import { contract, startLab, tick } from '../mocks/lab.ts';
import { numbers, openStream, range, subscribe } from '../mocks/stream-client.ts';

test('events arrive in the order they were published, at every subscriber', async () => {
  const { pubsub, url } = await startLab();
  const clients = await Promise.all(range(1, 5).map(() => subscribe(url, ['ticks', 'tocks'])));

  await Promise.all(range(1, 50).map((n) => pubsub.publish('ticks:ticked', { n })));
  await tick(pubsub, 51, 100);

  for (const client of clients) {
    await client.until(() => client.events().length === 100);
    expect(numbers(client)).toEqual(range(1, 100));
    expect(client.events().map(({ cursor }) => cursor.offset)).toEqual(range(1, 100));
  }
});

test('the envelope holds the output of the schema, an id and the address', async () => {
  const { pubsub, url } = await startLab();
  const client = await subscribe(url, ['orders', 'chat/42']);

  const receipt = await pubsub.publish(
    'orders:created',
    { orderId: '1' },
    { meta: { trace: 'x' } },
  );
  await pubsub.publish('chat:said', { text: 'hi' }, { channel: 'chat/42', id: 'my-id' });
  await client.until(() => client.events().length === 2);

  const [created, said] = client.events();
  expect(created?.envelope).toEqual({
    id: receipt.id,
    name: 'orders:created',
    channel: 'orders',
    payload: { orderId: '1', total: 0 },
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    meta: { trace: 'x' },
  });
  expect(created?.cursor).toEqual(receipt.cursor);
  expect(said?.envelope).toMatchObject({
    id: 'my-id',
    channel: 'chat/42',
    payload: { text: 'hi' },
  });
});

test('a channel is an address: what goes to orders/42 is not for orders', async () => {
  const { pubsub, url } = await startLab();
  const client = await subscribe(url, ['orders']);

  await pubsub.publish('orders:noted', { items: [] }, { channel: 'orders/42' });
  await pubsub.publish('orders:shipped', { orderId: 'last' });
  await client.until(() => client.events().length > 0);

  expect(client.events().map(({ envelope }) => envelope.name)).toEqual(['orders:shipped']);
});

test('hello, attached and live come in this order before the first event', async () => {
  const { pubsub, url } = await startLab({ heartbeatMs: 12_345, emitWindowMs: 60_000 });
  await tick(pubsub, 1, 3);
  const client = await subscribe(url, [{ channel: 'ticks', history: 2 }]);

  expect(client.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  expect(client.frames.map(({ type }) => type)).toEqual([
    'hello',
    'attached',
    'event',
    'event',
    'live',
  ]);
  expect(client.control('hello')[0]).toMatchObject({
    v: 1,
    streamId: expect.stringMatching(/^[\w-]{22}$/),
    heartbeatMs: 12_345,
    emitWindowMs: 60_000,
    limits: { channels: 1000, eventBytes: 262_144 },
  });
  expect(client.control('attached')[0]).toMatchObject({
    outcome: 'fresh',
    from: expect.stringMatching(/:1$/),
  });
  expect(client.control('live')[0]).toMatchObject({
    replayed: 2,
    to: expect.stringMatching(/:3$/),
  });
  expect(client.text()).not.toContain('id: ');
});

test('a cursor is resumed after the last event seen', async () => {
  const { pubsub, url } = await startLab();
  await tick(pubsub, 1, 4);
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 5 });
  await tick(pubsub, 6, 9);

  const behind = await subscribe(url, [
    { channel: 'ticks', cursor: formatCursor(cursor), history: 3 },
  ]);
  expect(behind.control('attached')[0]).toMatchObject({
    outcome: 'recovered',
    from: formatCursor(cursor),
  });
  expect(behind.control('live')[0]).toMatchObject({ replayed: 4 });
  expect(numbers(behind)).toEqual([6, 7, 8, 9]);

  const { from } = await pubsub.history('ticks', { limit: 1 });
  const beforeLast = await subscribe(url, [{ channel: 'ticks', cursor: formatCursor(from) }]);
  expect(numbers(beforeLast)).toEqual([9]);

  const { top } = await pubsub.history('ticks', { limit: 1 });
  const upToDate = await subscribe(url, [{ channel: 'ticks', cursor: formatCursor(top) }]);
  expect(upToDate.control('attached')[0]).toMatchObject({ outcome: 'recovered' });
  expect(upToDate.control('live')[0]).toMatchObject({ replayed: 0 });
  expect(numbers(upToDate)).toEqual([]);
});

test('events that were trimmed behind the cursor are told as a gap, and delivery starts at the oldest', async () => {
  const { pubsub, url } = await startLab({ channels: { ticks: { retention: { maxEvents: 5 } } } });
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 1 });
  await tick(pubsub, 2, 20);

  const client = await subscribe(url, [{ channel: 'ticks', cursor: formatCursor(cursor) }]);
  expect(client.control('attached')[0]).toMatchObject({
    outcome: 'gap',
    from: formatCursor({ epoch: cursor.epoch, offset: 15 }),
    reason: expect.any(String),
  });
  expect(numbers(client)).toEqual(range(16, 20));
});

test('after a restart of the log a cursor is a reset, delivered as fresh with its history', async () => {
  const first = await startLab();
  const { cursor } = await first.pubsub.publish('ticks:ticked', { n: 1 });
  await first.close();

  const second = await startLab();
  await tick(second.pubsub, 1, 9);
  const client = await subscribe(second.url, [
    { channel: 'ticks', cursor: formatCursor(cursor), history: 2 },
  ]);
  expect(client.control('attached')[0]).toMatchObject({
    outcome: 'reset',
    reason: 'the log was recreated',
  });
  expect(numbers(client)).toEqual([8, 9]);

  await tick(second.pubsub, 10);
  await client.until(() => client.events().length === 3);
  expect(numbers(client)).toEqual([8, 9, 10]);
});

test('a cursor above the end of the log is a reset', async () => {
  const { pubsub, url } = await startLab();
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 1 });
  const above = formatCursor({ epoch: cursor.epoch, offset: cursor.offset + 1 });

  const client = await subscribe(url, [{ channel: 'ticks', cursor: above }]);
  expect(client.control('attached')[0]).toMatchObject({
    outcome: 'reset',
    from: formatCursor(cursor),
  });
});

test('a second publish of an id is a duplicate and reaches nobody', async () => {
  const { pubsub, url } = await startLab();
  const client = await subscribe(url, ['ticks']);

  const first = await pubsub.publish('ticks:ticked', { n: 1 }, { id: 'same' });
  const second = await pubsub.publish('ticks:ticked', { n: 1 }, { id: 'same' });
  await tick(pubsub, 2);
  await client.until(() => numbers(client).includes(2));

  expect(first.duplicate).toBe(false);
  expect(second).toEqual({ ...first, duplicate: true });
  expect(numbers(client)).toEqual([1, 2]);
});

test('publish settles only once the adapter holds the event, and rejects when it refuses', async () => {
  const adapter = memory();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const pubsub = createPubSub({
    contract,
    adapter: {
      ...adapter,
      publish: async (channel, record) => {
        await held;
        return adapter.publish(channel, record);
      },
    },
    actions: { 'chat:typing': async () => undefined },
  });
  let settled = false;
  const publishing = pubsub.publish('ticks:ticked', { n: 1 }).then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  release();
  await publishing;

  await pubsub.stop();
  await expect(pubsub.publish('ticks:ticked', { n: 2 })).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
  });
});

test('what curl prints is readable, and every byte of it is fixed', async () => {
  const { pubsub, url } = await startLab();
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 1 }, { id: 'first' });
  const client = await openStream(`${url}/stream?channel=ticks&channel=orders&history=5`);
  await client.until(() => client.control('live').length === 2);
  await pubsub.publish('orders:shipped', { orderId: '42' }, { id: 'second' });
  await client.until(() => client.events().length === 2);
  await pubsub.stop({ drainMs: 0 });
  await client.over;

  const orders = (await (async () =>
    client.control('live').find(({ channel }) => channel === 'orders'))())!.to.split(':')[0]!;
  const golden = client
    .text()
    .replaceAll(cursor.epoch, 'TICKS')
    .replaceAll(orders, 'ORDERS')
    .replaceAll(/"streamId":"[\w-]+"/g, '"streamId":"S"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T')
    .replaceAll(/(retry: |"retryMs":)\d+/g, '$1R');
  expect(golden).toMatchInlineSnapshot(`
    "retry: R

    event: hello
    data: {"v":1,"streamId":"S","serverTime":"T","heartbeatMs":15000,"limits":{"channels":32,"eventBytes":262144},"emitWindowMs":86400000}

    event: attached
    data: {"channel":"ticks","outcome":"fresh","from":"TICKS:0","top":"TICKS:1"}

    event: attached
    data: {"channel":"orders","outcome":"fresh","from":"ORDERS:0","top":"ORDERS:0"}

    event: live
    data: {"channel":"orders","replayed":0,"to":"ORDERS:0"}

    id: 1~jny5e4~ORDERS:0~TICKS:0

    id: 1~jny5e4~ORDERS:0~TICKS:1
    data: {"cursor":"TICKS:1","id":"first","name":"ticks:ticked","channel":"ticks","payload":{"n":1},"timestamp":"T"}

    event: live
    data: {"channel":"ticks","replayed":1,"to":"TICKS:1"}

    id: 1~jny5e4~ORDERS:0~TICKS:1

    id: 1~jny5e4~ORDERS:1~TICKS:1
    data: {"cursor":"ORDERS:1","id":"second","name":"orders:shipped","channel":"orders","payload":{"orderId":"42"},"timestamp":"T"}

    event: drain
    data: {"retryMs":R,"reason":"stopping"}

    retry: R

    "
  `);
});
