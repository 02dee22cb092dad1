import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../../../chaos/src/index.ts';
import type { Recovery } from '../../channels/channel-snapshot.ts';
import { createClient } from '../../client/create-client.ts';
import type { PubSubClient } from '../../client/pubsub-client.ts';
import { startLiveServer, type LiveServer } from '../mocks/live-server.ts';
import type { contract } from '../mocks/shop-contract.ts';

const within = { timeout: 10_000, interval: 5 };
const stream = { path: '/pubsub/stream', method: 'POST' };

let live: LiveServer;
let proxy: FaultProxy;
let client: PubSubClient<typeof contract>;
let heard: (string | { gap: Recovery['outcome'] })[];
let published: number;

beforeEach(async () => {
  live = await startLiveServer({ heartbeatMs: 300 });
  proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: live.port } });
  client = createClient<typeof contract>({
    url: `${proxy.url}/pubsub`,
    backoff: { baseMs: 20, maxMs: 80 },
  });
  heard = [];
  published = 0;
  client.channel('orders').listen({
    onEvent: ({ payload }) => heard.push(payload.orderId),
    onGap: ({ outcome }) => heard.push({ gap: outcome }),
  });
  await untilLive();
});

afterEach(async () => {
  client.close();
  await proxy.close();
  await live.stop();
});

function untilLive(): Promise<void> {
  return vi.waitFor(
    () => expect(client.channel('orders').getSnapshot().status).toBe('live'),
    within,
  );
}

function untilState(state: string): Promise<void> {
  return vi.waitFor(() => expect(client.connection.getSnapshot().state).toBe(state), within);
}

async function publish(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    published += 1;
    await live.pubsub.publish('orders:shipped', { orderId: String(published) });
  }
}

/** Everything published was heard, each once, in order. */
async function untilAllHeard(): Promise<void> {
  await vi.waitFor(() => expect(heard.at(-1)).toBe(String(published)), within);
  expect(heard).toEqual(Array.from({ length: published }, (_, index) => String(index + 1)));
}

const recovery = (): Recovery | undefined => client.channel('orders').getSnapshot().recovery;

describe('through a network that fails', () => {
  test.each(['reset', 'close', 'end'] as const)(
    'an event that is cut in its middle (%s) comes whole, once',
    async (how) => {
      await publish(3);
      await vi.waitFor(() => expect(heard).toHaveLength(3), within);
      proxy.cutInsideEvent({ ...stream, how });
      await publish(20);
      await untilAllHeard();
      await untilLive();
      expect(recovery()).toMatchObject({ outcome: 'recovered', from: { offset: 3 } });
    },
  );

  test.each([0, 1])('a cut at the very %d of an event makes no difference', async (at) => {
    proxy.cutInsideEvent({ ...stream, at });
    await publish(5);
    await untilAllHeard();
  });

  test('what is published while nobody gets through is replayed when somebody does', async () => {
    await publish(2);
    await vi.waitFor(() => expect(heard).toHaveLength(2), within);
    proxy.refuse(true);
    proxy.cut();
    await untilState('reconnecting');
    await publish(300);
    proxy.refuse(false);
    await untilAllHeard();
    await untilLive();
    expect(recovery()).toMatchObject({ outcome: 'recovered', replayed: 300 });
  });

  test('503, 429, a page of a proxy and a foreign 404 are waited out', async () => {
    for (const [status, headers] of [
      [503, { 'retry-after': '0' }],
      [429, {}],
      [502, { 'content-type': 'text/html' }],
      [404, { 'content-type': 'text/html' }],
      [200, { 'content-type': 'text/html' }],
      [403, { 'content-type': 'application/json' }],
    ] as const) {
      proxy.respond({ status, headers, body: '<h1>not ours</h1>', match: stream });
    }
    const { seq } = proxy.log.at(-1) ?? { seq: 0 };
    proxy.cut();
    for (let answered = 0, after = seq; answered < 6; answered += 1)
      after = (await proxy.once('respond', { after })).seq;
    await publish(4);
    await untilAllHeard();
  });

  test('a redirect is not followed', async () => {
    proxy.respond({
      status: 302,
      headers: { location: 'http://127.0.0.1:1/elsewhere' },
      match: stream,
    });
    proxy.cut();
    await publish(2);
    await untilAllHeard();
  });

  test('a network that slices and delays every byte changes nothing', async () => {
    proxy.slice(1, 7, 42);
    proxy.latency(1, 3, 42);
    proxy.cut();
    await publish(30);
    await untilAllHeard();
  });

  test('cut after cut in the replay itself, it gets through', async () => {
    proxy.refuse(true);
    proxy.cut();
    await untilState('reconnecting');
    await publish(60);
    proxy.cutAfterBytes(2000, { ...stream, times: 5 });
    proxy.refuse(false);
    await untilAllHeard();
  });

  test('a connection that goes mute is noticed by its missing heartbeats', async () => {
    proxy.stall(true, stream);
    await publish(3);
    await untilState('reconnecting');
    proxy.stall(false);
    await untilAllHeard();
  });

  test('a server that is stopped and started anew is a reset, told before the next event', async () => {
    await publish(4);
    await vi.waitFor(() => expect(heard).toHaveLength(4), within);
    await live.stop();
    await untilState('reconnecting');
    live = await startLiveServer({}, live.port);
    await vi.waitFor(() => expect(recovery()?.outcome).toBe('reset'), within);
    await untilLive();
    await live.pubsub.publish('orders:shipped', { orderId: 'new' });
    await vi.waitFor(() => expect(heard.at(-1)).toBe('new'), within);
    expect(heard).toEqual(['1', '2', '3', '4', { gap: 'reset' }, 'new']);
  });

  test('a set that changes while the successor is cut loses nothing', async () => {
    for (let round = 0; round < 6; round += 1) {
      proxy.cutAfterBytes(200 + round * 150, stream);
      const publishing = publish(15);
      client.channel(`chat/${round}`).subscribe(() => {});
      await publishing;
    }
    await untilAllHeard();
    await vi.waitFor(
      () => expect(client.channel('chat/5').getSnapshot().status).toBe('live'),
      within,
    );
    expect(heard.filter((each) => typeof each === 'object')).toEqual([]);
  });

  test('an emit that does not get through says so; repeated with its id it has one effect', async () => {
    proxy.cutAfterBytes(0, { path: '/pubsub/emit', method: 'POST' });
    const emit = (): Promise<unknown> =>
      client.emit('chat:said', { text: 'once' }, { channel: 'chat/9', id: 'same' });
    await expect(emit()).rejects.toMatchObject({ code: 'network', retryable: true });
    expect(await emit()).toMatchObject({ duplicate: true });
    expect((await client.history('chat/9')).events).toHaveLength(1);
  });
});
