import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../client/create-client.ts';
import type { ClientOptions } from '../../client/client-options.ts';
import type { PubSubClient } from '../../client/pubsub-client.ts';
import { createEmitter } from '../../optimistic/create-emitter.ts';
import { startLiveServer, type LiveServer } from '../mocks/live-server.ts';
import { contract } from '../mocks/shop-contract.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const within = { timeout: 5000, interval: 5 };

async function server(options?: Parameters<typeof startLiveServer>[0]): Promise<LiveServer> {
  const started = await startLiveServer(options);
  cleanups.push(() => started.stop());
  return started;
}

function connect(
  url: string,
  options: Partial<ClientOptions<typeof contract>> = {},
): PubSubClient<typeof contract> {
  const client = createClient<typeof contract>({
    url,
    backoff: { baseMs: 20, maxMs: 100 },
    ...options,
  });
  cleanups.push(() => client.close());
  return client;
}

type Address = Parameters<PubSubClient<typeof contract>['channel']>[0];

async function untilLive(
  client: PubSubClient<typeof contract>,
  ...channels: Address[]
): Promise<void> {
  for (const channel of channels) {
    await vi.waitFor(
      () => expect(client.channel(channel).getSnapshot().status).toBe('live'),
      within,
    );
  }
}

describe('on the real server', () => {
  test('an event that is published arrives, once, typed, in its envelope', async () => {
    const { pubsub, url } = await server();
    const client = connect(url);
    const orders = client.channel('orders');
    const heard = vi.fn();
    orders.listen({ onEvent: heard });
    await untilLive(client, 'orders');
    const { id, cursor } = await pubsub.publish('orders:shipped', { orderId: '42' });
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), within);
    expect(heard.mock.calls).toEqual([
      [
        expect.objectContaining({
          id,
          name: 'orders:shipped',
          channel: 'orders',
          payload: { orderId: '42' },
        }),
        cursor,
      ],
    ]);
    expect(orders.getSnapshot().latest).toMatchObject({ id });
  });

  test('history from before the subscription is in the snapshot, and no listener hears it as news', async () => {
    const { pubsub, url } = await server();
    for (const orderId of ['1', '2', '3']) await pubsub.publish('orders:shipped', { orderId });
    const client = connect(url);
    const orders = client.channel('orders', { history: 2 });
    const heard: string[] = [];
    orders.listen({ onEvent: ({ payload }) => heard.push(payload.orderId) });
    await untilLive(client, 'orders');
    await pubsub.publish('orders:shipped', { orderId: '4' });
    await vi.waitFor(() => expect(heard).toEqual(['4']), within);
    expect(orders.getSnapshot().events.map(({ payload }) => payload.orderId)).toEqual([
      '2',
      '3',
      '4',
    ]);
    expect(orders.getSnapshot().recovery).toMatchObject({ outcome: 'fresh', replayed: 2 });
  });

  test('history that a later store wants comes by a request, in front', async () => {
    const { pubsub, url } = await server();
    for (const orderId of ['1', '2', '3']) await pubsub.publish('orders:shipped', { orderId });
    const client = connect(url);
    client.channel('orders').subscribe(() => {});
    await untilLive(client, 'orders');
    await pubsub.publish('orders:shipped', { orderId: '4' });
    const late = client.channel('orders', { history: 3 });
    late.subscribe(() => {});
    const shown = (): string[] => late.getSnapshot().events.map(({ payload }) => payload.orderId);
    await vi.waitFor(() => expect(shown()).toEqual(['2', '3', '4']), within);
    expect(
      (await client.history('orders', { limit: 2 })).events.map(({ payload }) => payload.orderId),
    ).toEqual(['3', '4']);
  });

  test('emit is acked with the result of its action, and its echo has the same id', async () => {
    const { url } = await server({
      actions: { 'orders:created': async () => ({ success: true }) },
    });
    const client = connect(url);
    const heard = vi.fn();
    client.channel('orders').listen({ onEvent: heard });
    await untilLive(client, 'orders');
    const receipt = await client.emit('orders:created', { orderId: '7', total: 12 });
    expect(receipt).toMatchObject({
      result: { success: true },
      duplicate: false,
      cursor: { offset: 1 },
    });
    await vi.waitFor(
      () => expect(heard.mock.calls[0]?.[0]).toMatchObject({ id: receipt.id }),
      within,
    );
  });

  test('an emit that is repeated has one effect, and its answer says so', async () => {
    let runs = 0;
    const { url } = await server({
      actions: { 'orders:created': async () => ({ success: (runs += 1) > 0 }) },
    });
    const client = connect(url);
    const payload = { orderId: '7', total: 12 };
    const first = await client.emit('orders:created', payload, { id: 'once' });
    expect(await client.emit('orders:created', payload, { id: 'once' })).toEqual({
      ...first,
      duplicate: true,
    });
    expect(runs).toBe(1);
  });

  test('an emit that is refused says which field is wrong', async () => {
    const { url } = await server();
    const wrong = { orderId: '7', total: 'much' as unknown as number };
    await expect(connect(url).emit('orders:created', wrong)).rejects.toMatchObject({
      code: 'bad_payload',
      status: 422,
      path: expect.arrayContaining(['total']),
    });
    await expect(connect(url, { contract }).emit('orders:created', wrong)).rejects.toMatchObject({
      code: 'bad_payload',
      status: undefined,
      path: ['payload', 'total'],
    });
  });

  test('an own event shows at once and is confirmed by its echo', async () => {
    const { url } = await server();
    const client = connect(url);
    const room = client.channel('chat/1');
    const seen: string[] = [];
    room.subscribe(() =>
      seen.push(
        room
          .getSnapshot()
          .events.map(({ payload, meta }) => `${payload.text}${meta?.['optimistic'] ? '*' : ''}`)
          .join(' '),
      ),
    );
    await untilLive(client, 'chat/1');
    seen.length = 0;
    const say = createEmitter(client, 'chat:said', { channel: 'chat/1' });
    await say.emitAsync({ text: 'hi' });
    await vi.waitFor(() => expect(say.getSnapshot().status).toBe('confirmed'), within);
    await vi.waitFor(() => expect(seen.at(-1)).toBe('hi'), within);
    expect(new Set(seen)).toEqual(new Set(['hi*', 'hi']));
  });

  test('channels come and go on the live connection, and the others miss nothing', async () => {
    const { pubsub, url } = await server();
    const client = connect(url, { graceMs: 0 });
    const heard: string[] = [];
    client.channel('orders').listen({ onEvent: ({ payload }) => heard.push(payload.orderId) });
    await untilLive(client, 'orders');
    let published = 0;
    const publish = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1)
        await pubsub.publish('orders:shipped', { orderId: String((published += 1)) });
    };
    for (let round = 0; round < 10; round += 1) {
      const publishing = publish(40);
      const leave = client.channel(`chat/${round}`).subscribe(() => {});
      await untilLive(client, `chat/${round}`);
      if (round % 2) leave();
      await publishing;
    }
    await vi.waitFor(() => expect(heard.at(-1)).toBe(String(published)), within);
    expect(heard).toEqual(Array.from({ length: published }, (_, index) => String(index + 1)));
    await vi.waitFor(
      async () => expect(await pubsub.status()).toMatchObject({ streams: 1, subscriptions: 6 }),
      within,
    );
  });

  test('the last listener gone and the grace delay over, the server holds no stream', async () => {
    const { pubsub, url } = await server();
    const client = connect(url, { graceMs: 0 });
    const leave = client.channel('orders').subscribe(() => {});
    await untilLive(client, 'orders');
    leave();
    await vi.waitFor(async () => expect((await pubsub.status()).streams).toBe(0), within);
    expect(client.connection.getSnapshot()).toEqual({ state: 'idle' });
  });

  test('a channel that is forbidden ends alone, one that is revoked too', async () => {
    let isAllowed = true;
    const { pubsub, url } = await server({
      authenticate: () => ({ user: { id: 'ana', roles: [] } }),
      channels: {
        'chat/:room': { authorize: ({ params }) => params.room !== 'secret' && isAllowed },
      },
    });
    const client = connect(url);
    for (const channel of ['orders', 'chat/open', 'chat/secret'] as const)
      client.channel(channel).subscribe(() => {});
    await untilLive(client, 'orders', 'chat/open');
    expect(client.channel('chat/secret').getSnapshot()).toMatchObject({
      status: 'denied',
      error: { code: 'forbidden' },
    });
    isAllowed = false;
    pubsub.revoke({ userId: 'ana', channel: 'chat/open' });
    await vi.waitFor(
      () => expect(client.channel('chat/open').getSnapshot().status).toBe('denied'),
      within,
    );
    expect(client.channel('orders').getSnapshot().status).toBe('live');
  });

  test('credentials that expired are refreshed once, for the stream and its emits together', async () => {
    let valid = 'old';
    let refreshes = 0;
    const { pubsub, url } = await server({
      authenticate: ({ headers }) =>
        headers.get('authorization') === valid ? { user: { id: 'ana', roles: [] } } : null,
    });
    let token = 'old';
    const client = connect(url, {
      headers: async ({ refresh }) => {
        if (refresh) {
          refreshes += 1;
          token = 'new';
        }
        return { authorization: token };
      },
    });
    client.channel('orders').subscribe(() => {});
    await untilLive(client, 'orders');
    valid = 'new';
    pubsub.revoke({ userId: 'ana' });
    await vi.waitFor(
      () => expect(client.connection.getSnapshot().state).not.toBe('connected'),
      within,
    );
    await untilLive(client, 'orders');
    expect(refreshes).toBe(1);
    await client.emit('chat:said', { text: 'still me' }, { channel: 'chat/1' });
    expect(refreshes).toBe(1);
  });

  test('credentials that live shorter than two heartbeats are renewed without a break', async () => {
    const lifeMs = 2000;
    const refused: string[] = [];
    const expiresAt = new Map<string, number>();
    const { pubsub, url } = await server({
      authenticate({ headers }) {
        const token = headers.get('authorization') ?? '';
        const expiresInMs = (expiresAt.get(token) ?? 0) - Date.now();
        if (expiresInMs > 0) return { user: { id: 'ana', roles: [] }, expiresInMs };
        refused.push(token);
        return null;
      },
    });
    let token = '';
    const issue = (): void => {
      token = `token ${expiresAt.size}`;
      expiresAt.set(token, Date.now() + lifeMs);
    };
    issue();
    const client = connect(url, {
      headers({ refresh }) {
        if (refresh) issue();
        return { authorization: token };
      },
    });
    const heard: string[] = [];
    client.channel('orders').listen({ onEvent: ({ payload }) => heard.push(payload.orderId) });
    await untilLive(client, 'orders');
    const states: string[] = [];
    client.connection.subscribe(() => states.push(client.connection.getSnapshot().state));
    const sent: string[] = [];
    while (expiresAt.size < 3) {
      const orderId = String(sent.length);
      sent.push(orderId);
      await pubsub.publish('orders:shipped', { orderId });
      // At the pace of the stream, whatever that is.
      await vi.waitFor(() => expect(heard.at(-1)).toBe(orderId), within);
    }
    expect(heard).toEqual(sent);
    expect(new Set(states)).toEqual(new Set(['connected']));
    expect(refused).toEqual([]);
  });

  test('credentials that stay refused leave it in needs-auth, and resume tries again', async () => {
    let isWelcome = false;
    const { url } = await server({ authenticate: () => (isWelcome ? {} : null) });
    const client = connect(url);
    client.channel('orders').subscribe(() => {});
    await vi.waitFor(
      () =>
        expect(client.connection.getSnapshot()).toMatchObject({
          state: 'needs-auth',
          error: { code: 'unauthenticated', status: 401 },
        }),
      within,
    );
    isWelcome = true;
    client.resume();
    await untilLive(client, 'orders');
  });

  test('a server that is not there under this path is final, and says so', async () => {
    const { url } = await server();
    const client = connect(`${url}/elsewhere`);
    client.channel('orders').subscribe(() => {});
    await vi.waitFor(
      () =>
        expect(client.connection.getSnapshot()).toMatchObject({
          state: 'failed',
          error: { code: 'not_found' },
        }),
      within,
    );
  });
});
