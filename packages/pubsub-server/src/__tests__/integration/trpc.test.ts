import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PubSubError } from '@hipponot/pubsub-core';
import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { EventSource } from 'eventsource';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPubSubRouter } from '../../trpc/create-pubsub-router.ts';
import type { StreamItem, SubscribeInput } from '../../trpc/procedures.ts';
import { startLab, tick, type Lab, type LabContract, type LabOptions } from '../mocks/lab.ts';
import { Changes } from '../mocks/changes.ts';
import { range } from '../mocks/stream-client.ts';

interface Context {
  readonly user: string | undefined;
}

function buildRouter({ pubsub }: Lab) {
  const t = initTRPC.context<Context>().create({
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: {
        ...shape.data,
        pubsub: error.cause instanceof PubSubError ? error.cause.code : undefined,
      },
    }),
  });
  const guarded = t.procedure.use(({ ctx, next }) => {
    if (ctx.user === 'banned')
      throw new TRPCError({ code: 'FORBIDDEN', message: 'by the middleware' });
    return next({ ctx: { account: ctx.user } });
  });
  return t.router({
    pubsub: createPubSubRouter(pubsub, {
      router: t.router,
      procedure: guarded,
      principal: (ctx) =>
        ctx.account === 'nobody'
          ? null
          : ctx.account === 'expired'
            ? { expiresInMs: 0 }
            : ctx.account
              ? { user: { id: ctx.account, roles: [] } }
              : {},
    }),
    hello: t.procedure.query(() => 'hello'),
  });
}

type AppRouter = ReturnType<typeof buildRouter>;

async function startTrpc(options: LabOptions = {}, user?: string) {
  const lab = await startLab(options);
  const router = buildRouter(lab);
  const errors: unknown[] = [];
  const handler = createHTTPHandler({
    router,
    createContext: ({ req }) => ({ user: req.headers['x-user'] as string | undefined }),
    onError: ({ error }) => errors.push(error),
  });
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers: Record<string, string> = user ? { 'x-user': user } : {};
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: { fetch: impatient(headers) },
        }),
        false: httpLink({ url, headers }),
      }),
    ],
  });
  return { ...lab, router, client, cut: () => server.closeAllConnections(), errors };
}

type Client = Awaited<ReturnType<typeof startTrpc>>['client'];

function follow(client: Client, input: SubscribeInput<LabContract>) {
  const items: StreamItem<LabContract>[] = [];
  const errors: unknown[] = [];
  let completed = false;
  const changes = new Changes();
  const subscription = client.pubsub.subscribe.subscribe(input, {
    onData: ({ data }) => {
      items.push(data);
      changes.notify();
    },
    onError: (error) => {
      errors.push(error);
      changes.notify();
    },
    onComplete: () => {
      completed = true;
    },
  });
  onTestFinished(() => subscription.unsubscribe());
  const until = (condition: () => boolean): Promise<void> => changes.until(condition);
  const types = (): string[] => items.map(({ type }) => type);
  const numbers = (): number[] =>
    items.flatMap((item) =>
      item.type === 'event' ? [(item.event.payload as { n: number }).n] : [],
    );
  return {
    items,
    errors,
    types,
    numbers,
    until,
    completed: () => completed,
    unsubscribe: () => subscription.unsubscribe(),
  };
}

test('a stock client hears attached, events and live, as tracked items', async () => {
  const { pubsub, client } = await startTrpc();
  await tick(pubsub, 1, 3);
  const seen = follow(client, {
    channels: [{ channel: 'ticks', history: 2 }, { channel: 'chat/1' }],
  });
  await seen.until(() => seen.types().filter((type) => type === 'live').length === 2);
  await pubsub.publish('chat:said', { text: 'hi' }, { channel: 'chat/1', id: 'said' });
  await seen.until(() => seen.types().filter((type) => type === 'event').length === 3);

  const outcomes = seen.items.flatMap((item) =>
    item.type === 'attached' ? [[item.channel, item.outcome]] : [],
  );
  expect(new Map(outcomes as [string, string][])).toEqual(
    new Map([
      ['ticks', 'fresh'],
      ['chat/1', 'fresh'],
    ]),
  );
  expect(seen.numbers().slice(0, 2)).toEqual([2, 3]);
  expect(seen.items.at(-1)).toEqual({
    type: 'event',
    cursor: expect.stringMatching(/^[\w-]+:1$/),
    event: {
      id: 'said',
      name: 'chat:said',
      channel: 'chat/1',
      payload: { text: 'hi' },
      timestamp: expect.any(String),
    },
  });
});

test('a client that is cut again and again resumes by its last id, without loss or repeat', async () => {
  const { pubsub, client, cut } = await startTrpc();
  const seen = follow(client, { channels: [{ channel: 'ticks' }, { channel: 'tocks' }] });
  await seen.until(() => seen.types().filter((type) => type === 'live').length === 2);

  for (let round = 0; round < 5; round += 1) {
    await tick(pubsub, round * 3 + 1);
    // The first cut comes before the first event was seen.
    if (round > 0) await seen.until(() => seen.numbers().at(-1) === round * 3 + 1);
    cut();
    await tick(pubsub, round * 3 + 2, round * 3 + 3);
    await seen.until(() => seen.numbers().at(-1) === round * 3 + 3);
  }
  expect(seen.numbers()).toEqual(range(1, 15));
  expect(
    seen.items
      .filter((item) => item.type === 'attached')
      .slice(2)
      .every((item) => item.outcome === 'recovered'),
  ).toBe(true);
  expect(seen.errors).toEqual([]);
});

test('a stream that the server ends makes the client come back: rotation, revocation, expiry', async () => {
  const { pubsub, client } = await startTrpc({ streamLifeMs: 60 }, 'ann');
  const seen = follow(client, { channels: [{ channel: 'ticks' }] });
  await seen.until(() => seen.types().includes('live'));
  for (let n = 1; n <= 5; n += 1) {
    await tick(pubsub, n);
    await seen.until(() => seen.numbers().at(-1) === n);
    if (n === 3) pubsub.revoke({ userId: 'ann' });
    const attached = seen.types().filter((type) => type === 'attached').length;
    await seen.until(() => seen.types().filter((type) => type === 'attached').length > attached);
  }
  expect(seen.numbers()).toEqual(range(1, 5));
  expect(seen.errors).toEqual([]);
  expect(seen.completed()).toBe(false);
});

test('a refused channel is an item, the others flow; a revoked one ends alone', async () => {
  const { pubsub, client } = await startTrpc(
    { channels: { orders: { authorize: () => false } } },
    'ann',
  );
  const seen = follow(client, {
    channels: [{ channel: 'ticks' }, { channel: 'orders' }, { channel: 'tocks' }],
  });
  await seen.until(() => seen.types().filter((type) => type === 'live').length === 2);
  expect(seen.items).toContainEqual(
    expect.objectContaining({ type: 'denied', channel: 'orders', code: 'forbidden' }),
  );

  pubsub.revoke({ userId: 'ann', channel: 'ticks' });
  await tick(pubsub, 1);
  await pubsub.publish('tocks:tocked', { n: 2 });
  await seen.until(() => seen.numbers().length > 0);
  expect(seen.items).toContainEqual(expect.objectContaining({ type: 'revoked', channel: 'ticks' }));
  expect(seen.numbers()).toEqual([2]);
});

test('a channel that is refused for now comes back, at the start and later', async () => {
  let isDown = true;
  const { pubsub, client } = await startTrpc({
    recheckMs: 20,
    limits: { failedRechecks: 1 },
    channels: {
      ticks: {
        authorize: () => {
          if (isDown) throw new Error('the directory is down');
          return true;
        },
      },
    },
  });
  const seen = follow(client, { channels: [{ channel: 'ticks' }] });
  await seen.until(() => seen.types().includes('denied'));
  isDown = false;
  await seen.until(() => seen.types().includes('live'));
  isDown = true;
  await seen.until(() => seen.types().includes('revoked'));
  await tick(pubsub, 1);
  isDown = false;
  await seen.until(() => seen.numbers().length === 1);
  expect(seen.errors).toEqual([]);
});

test('leaving ends the subscription on the server, also while nothing happens', async () => {
  const { pubsub, client } = await startTrpc();
  const seen = follow(client, { channels: [{ channel: 'ticks' }] });
  await seen.until(() => seen.types().includes('live'));
  expect(pubsub.channels()).toEqual([{ channel: 'ticks', subscribers: 1 }]);
  seen.unsubscribe();
  await vi.waitFor(async () =>
    expect(await pubsub.status()).toMatchObject({ streams: 0, subscriptions: 0 }),
  );
});

test('emit runs the action once for an id, and answers result and cursor', async () => {
  const { pubsub, client } = await startTrpc({}, 'ann');
  const first = await client.pubsub.emit.mutate({
    name: 'orders:created',
    payload: { orderId: '1' },
    id: 'e1',
  });
  expect(first).toEqual({
    id: 'e1',
    duplicate: false,
    result: { success: true },
    cursor: expect.stringMatching(/:1$/),
  });
  const again = await client.pubsub.emit.mutate({
    name: 'orders:created',
    payload: { orderId: '1' },
    id: 'e1',
  });
  expect(again).toEqual({ ...first, duplicate: true });
  expect((await pubsub.history('orders')).events).toHaveLength(1);
});

test('history answers a page', async () => {
  const { pubsub, client } = await startTrpc();
  await tick(pubsub, 1, 5);
  const page = await client.pubsub.history.query({ channel: 'ticks', limit: 2 });
  expect(page).toMatchObject({
    channel: 'ticks',
    outcome: 'ok',
    more: false,
    from: expect.stringMatching(/:3$/),
  });
  expect(page.events.map(({ payload }) => payload)).toEqual([{ n: 4 }, { n: 5 }]);
  const rest = await client.pubsub.history.query({
    channel: 'ticks',
    after: page.events[0]!.cursor,
  });
  expect(rest.events).toHaveLength(1);
});

test('errors have the status and the code, never a stack of ours; middleware comes first', async () => {
  const { client, logged } = await startTrpc({ channels: { orders: { authorize: () => false } } });
  const refused = async (
    task: () => Promise<unknown>,
  ): Promise<{ http: unknown; pubsub: unknown; message: string }> => {
    const error: unknown = await task().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof TRPCClientError)) throw new Error('it did not fail', { cause: error });
    const data = error.data as { httpStatus: number; pubsub: string };
    return { http: data.httpStatus, pubsub: data.pubsub, message: error.message };
  };
  expect(
    await refused(() =>
      client.pubsub.emit.mutate({ name: 'orders:created', payload: { orderId: '1' } }),
    ),
  ).toMatchObject({ http: 403, pubsub: 'forbidden' });
  expect(
    await refused(() =>
      client.pubsub.emit.mutate({
        name: 'chat:typing',
        payload: { on: 'x' as never },
        channel: 'chat/1',
      }),
    ),
  ).toMatchObject({ http: 422, pubsub: 'bad_payload' });
  expect(await refused(() => client.pubsub.emit.mutate('x' as never))).toMatchObject({
    http: 400,
    pubsub: 'bad_request',
  });
  expect(
    await refused(() => client.pubsub.history.query({ channel: 'ticks', after: 'x' })),
  ).toMatchObject({ http: 400, pubsub: 'bad_cursor' });
  expect(
    await refused(() => client.pubsub.history.query({ channel: 'nowhere' as never })),
  ).toMatchObject({ http: 404, pubsub: 'unknown_channel' });
  expect(logged).toEqual([]);

  const nobody = await startTrpc({}, 'nobody');
  expect(
    await refused(() => nobody.client.pubsub.history.query({ channel: 'ticks' })),
  ).toMatchObject({ http: 401, pubsub: 'unauthenticated' });
  const expired = await startTrpc({}, 'expired');
  expect(
    await refused(() => expired.client.pubsub.history.query({ channel: 'ticks' })),
  ).toMatchObject({ http: 401, pubsub: 'unauthenticated' });
  const banned = await startTrpc({}, 'banned');
  expect(
    await refused(() => banned.client.pubsub.history.query({ channel: 'ticks' })),
  ).toMatchObject({ http: 403, message: 'by the middleware' });
});

test('an action that takes too long is GATEWAY_TIMEOUT', async () => {
  const { client } = await startTrpc({
    actionTimeoutMs: 1,
    actions: { 'chat:typing': () => new Promise(() => undefined) },
  });
  await expect(
    client.pubsub.emit.mutate({ name: 'chat:typing', payload: { on: true }, channel: 'chat/1' }),
  ).rejects.toMatchObject({
    data: { code: 'GATEWAY_TIMEOUT', httpStatus: 504, pubsub: 'in_doubt' },
  });
});

test('a malformed input ends the subscription with its error', async () => {
  const { client } = await startTrpc({ limits: { plainChannels: 1 } });
  const seen = follow(client, { channels: [{ channel: 'ticks' }, { channel: 'tocks' }] });
  await seen.until(() => seen.errors.length > 0);
  expect(seen.errors).toEqual([
    expect.objectContaining({ message: '2 channels are over the limit of 1 for one stream.' }),
  ]);
});

test('a caller on the server may return the iterator while it waits', async () => {
  const { router, pubsub } = await startTrpc();
  const items = await router
    .createCaller({ user: undefined })
    .pubsub.subscribe({ channels: [{ channel: 'ticks' }] });
  const iterator = items[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  const waiting = iterator.next();
  await iterator.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(pubsub.channels()).toEqual([]);
});

test('a caller that left while its policies were asked leaves nothing behind', async () => {
  const leaving = new AbortController();
  const { router, pubsub } = await startTrpc({
    channels: {
      ticks: {
        authorize: () => {
          leaving.abort();
          return true;
        },
      },
    },
  });
  const items = await router
    .createCaller({ user: undefined }, { signal: leaving.signal })
    .pubsub.subscribe({ channels: [{ channel: 'ticks' }] });
  expect(await items[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  expect(pubsub.channels()).toEqual([]);
  expect(await pubsub.status()).toMatchObject({ streams: 0, subscriptions: 0 });
});

test('a consumer that does not pull is ended with a retryable error', async () => {
  const { router, pubsub } = await startTrpc({ limits: { bufferedBytes: 50_000 } });
  const items = await router
    .createCaller({ user: undefined })
    .pubsub.subscribe({ channels: [{ channel: 'chat/1' }] });
  const iterator = items[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  for (let sent = 0; sent < 6; sent += 1)
    await pubsub.publish('chat:said', { text: 'x'.repeat(10_000) }, { channel: 'chat/1' });
  await expect(iterator.next()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect((await pubsub.status()).ended).toEqual({ slow: 1 });
});

/** Reconnects at once: the default patience of the ponyfill is three seconds. */
function impatient(headers: Record<string, string>): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), ...headers },
    });
    if (!response.ok || !response.body) return response;
    const retry = new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('retry: 1\n\n')),
    });
    return new Response(response.body.pipeThrough(retry), response);
  };
}
