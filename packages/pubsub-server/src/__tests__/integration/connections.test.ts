import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { formatCursor, type PubSubAdapter } from '@hipponot/pubsub-core';
import { expect, test, vi } from 'vitest';
import { startLab, tick } from '../mocks/lab.ts';
import { openStream, range, subscribe } from '../mocks/stream-client.ts';

test('a reader that takes nothing is ended, the others go on, and it recovers by replay', async () => {
  const { pubsub, url } = await startLab({ limits: { bufferedBytes: 100_000 } });
  const fast = await subscribe(url, ['chat/1']);
  const slow = await subscribe(url, ['chat/1']);
  slow.pause();

  const text = 'x'.repeat(200_000);
  let published = 0;
  while (!(await pubsub.status()).ended.slow && published < 200) {
    await pubsub.publish('chat:said', { text }, { channel: 'chat/1' });
    published += 1;
    await fast.until(() => fast.events().length === published);
  }
  expect((await pubsub.status()).ended).toEqual({ slow: 1 });
  await pubsub.publish('chat:said', { text: 'last' }, { channel: 'chat/1' });
  await fast.until(() => fast.events().length === published + 1);
  expect(pubsub.channels()).toEqual([{ channel: 'chat/1', subscribers: 1 }]);

  const { epoch } = fast.events()[0]!.cursor;
  const resumed = await subscribe(url, [
    { channel: 'chat/1', cursor: formatCursor({ epoch, offset: 0 }) },
  ]);
  expect(resumed.control('attached')[0]).toMatchObject({ outcome: 'recovered' });
  expect(resumed.events()).toHaveLength(published + 1);
});

test('a connection that takes nothing for two heartbeats is dropped, however little waits', async () => {
  const { pubsub, url } = await startLab({
    heartbeatMs: 60,
    limits: { bufferedBytes: 100_000_000 },
  });
  const client = await subscribe(url, ['chat/1']);
  client.pause();
  const text = 'x'.repeat(200_000);
  for (let sent = 0; sent < 100; sent += 1)
    await pubsub.publish('chat:said', { text }, { channel: 'chat/1' });

  await vi.waitFor(async () => expect((await pubsub.status()).ended).toEqual({ stalled: 1 }), {
    timeout: 10_000,
  });
  expect(pubsub.channels()).toEqual([]);
});

test('a burst of one turn beyond the buffer does not end a client that reads', async () => {
  const { pubsub, url } = await startLab({ limits: { bufferedBytes: 100_000 } });
  const client = await subscribe(url, ['chat/1']);
  const text = 'x'.repeat(100_000);
  await Promise.all(
    range(1, 30).map(() => pubsub.publish('chat:said', { text }, { channel: 'chat/1' })),
  );
  await client.until(() => client.events().length === 30);
  expect((await pubsub.status()).ended).toEqual({});
});

test('one large turn passes to a client that reads, and ends one that does not, long before it counts as stalled', async () => {
  const { pubsub, url } = await startLab({
    heartbeatMs: 60_000,
    limits: { bufferedBytes: 100_000 },
  });
  const slow = await subscribe(url, ['chat/1']);
  slow.pause();
  let taken = 0;
  const done = Promise.withResolvers<void>();
  const live = Promise.withResolvers<void>();
  const reader = httpRequest(`${url}/stream?channel=chat/1`, (response) => {
    response.on('data', (chunk: Buffer) => {
      if (chunk.includes('event: live')) live.resolve();
      taken += chunk.length;
      if (taken > 40_000_000) done.resolve();
    });
    response.once('close', () => done.reject(new Error(`It ended after ${taken} bytes.`)));
  }).end();
  await live.promise;

  const text = 'x'.repeat(100_000);
  await Promise.all(
    range(1, 400).map(() => pubsub.publish('chat:said', { text }, { channel: 'chat/1' })),
  );
  await done.promise;
  await vi.waitFor(async () => expect((await pubsub.status()).ended).toEqual({ slow: 1 }), {
    timeout: 10_000,
  });
  reader.on('error', () => undefined).destroy();
});

test('what the socket holds of a connection that does not read counts, and is never much more than one event', async () => {
  const { pubsub, url, sockets } = await startLab({
    heartbeatMs: 60_000,
    limits: { bufferedBytes: 1_000_000 },
  });
  const client = await subscribe(url, ['chat/1']);
  client.pause();
  const [socket] = sockets;
  const text = 'x'.repeat(50_000);
  let most = 0;
  for (let sent = 0; sent < 1000 && !(await pubsub.status()).ended.slow; sent += 1) {
    await Promise.all(
      range(1, 10).map(() => pubsub.publish('chat:said', { text }, { channel: 'chat/1' })),
    );
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, socket!.writableLength);
  }
  expect((await pubsub.status()).ended).toEqual({ slow: 1 });
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(200_000);
});

test('1,000 abrupt disconnects leave no stream, subscription, timer or socket', async () => {
  const inner = memory();
  let active = 0;
  const adapter: PubSubAdapter = {
    ...inner,
    subscribe: async (channel, deliver) => {
      const unsubscribe = await inner.subscribe(channel, deliver);
      active += 1;
      return () => {
        active -= 1;
        unsubscribe();
      };
    },
  };
  const { pubsub, url, sockets } = await startLab({ adapter });
  await tick(pubsub, 1, 50);
  const before = timers();
  const { port } = new URL(url);
  const body = JSON.stringify({
    channels: [{ channel: 'ticks', history: 20 }, { channel: 'tocks' }],
  });
  const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      range(1, 100).map(
        (each) =>
          new Promise<void>((resolve) => {
            const socket = connect(Number(port), '127.0.0.1');
            socket.on('error', () => undefined);
            socket.once('close', () => resolve());
            socket.write(
              each % 2 === 0
                ? `POST /pubsub/stream HTTP/1.1\r\n${head}${body}`
                : 'GET /pubsub/stream?channel=ticks&history=9 HTTP/1.1\r\nHost: x\r\n\r\n',
            );
            // At different moments: as soon as the request is out, with the head, in mid-replay, when live.
            if (each % 4 === 0) setImmediate(() => socket.resetAndDestroy());
            else if (each % 4 === 1) socket.once('data', () => socket.resetAndDestroy());
            else
              socket.on(
                'data',
                (chunk) => chunk.includes('event: live') && socket.resetAndDestroy(),
              );
          }),
      ),
    );
    await pubsub.publish('ticks:ticked', { n: round });
  }

  await vi.waitFor(() => expect(sockets.size).toBe(0));
  await vi.waitFor(async () =>
    expect(await pubsub.status()).toMatchObject({ streams: 0, channels: 0, subscriptions: 0 }),
  );
  expect(active).toBe(0);
  // Each stream had one; the test runner has a few of its own, that come and go.
  expect(timers()).toBeLessThan(before + 10);
  expect((await pubsub.status()).ended.gone).toBeGreaterThan(700);
});

test('a kept-alive connection carries stream after stream without gathering listeners', async () => {
  const { url, sockets } = await startLab({ streamLifeMs: 5 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const stream = (): Promise<string> =>
    new Promise((resolve, reject) => {
      httpRequest(`${url}/stream?channel=ticks`, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve(text));
      })
        .once('error', reject)
        .end();
    });
  await stream();
  const [socket] = sockets;
  const counts = (): unknown =>
    socket!.eventNames().map((name) => [name, socket!.listenerCount(name)]);
  const before = counts();
  for (let round = 0; round < 20; round += 1)
    expect(await stream()).toContain('"reason":"rotation"');
  expect(sockets.size).toBe(1);
  expect(counts()).toEqual(before);
  agent.destroy();
});

test('streams are bounded per user and in all', async () => {
  const { pubsub, url } = await startLab({
    limits: { streams: 3, streamsPerUser: 2 },
    authenticate: ({ headers }) => ({ user: { id: headers.get('x-user') ?? 'nobody', roles: [] } }),
  });
  const as = (user: string) =>
    openStream(`${url}/stream?channel=ticks`, { headers: { 'x-user': user } });
  const first = await as('ann');
  await as('ann');
  const third = await as('ann');
  expect(third.status).toBe(429);
  expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
  expect((await as('bob')).status).toBe(200);
  expect((await as('cleo')).status).toBe(429);

  first.close();
  await vi.waitFor(async () => expect((await pubsub.status()).streams).toBe(2));
  expect((await as('ann')).status).toBe(200);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
