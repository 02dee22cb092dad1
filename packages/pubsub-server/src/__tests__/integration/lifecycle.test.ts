import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import type { PubSubAdapter } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { startLab, tick } from '../mocks/lab.ts';
import { numbers, openStream, range, subscribe } from '../mocks/stream-client.ts';

test('stop tells every stream to come back at a moment of its own, and ends them', async () => {
  const { pubsub, url } = await startLab();
  const clients = await Promise.all(range(1, 10).map(() => subscribe(url, ['ticks', 'tocks'])));
  await tick(pubsub, 1);
  await Promise.all(clients.map((client) => client.until(() => client.events().length === 1)));

  await pubsub.stop({ drainMs: 30 });
  await Promise.all(clients.map(({ over }) => over));
  const drains = clients.map((client) => client.control('drain')[0]!);
  expect(drains.map(({ reason }) => reason)).toEqual(range(1, 10).map(() => 'stopping'));
  expect(new Set(drains.map(({ retryMs }) => retryMs)).size).toBeGreaterThan(5);
  expect(pubsub.channels()).toEqual([]);
  expect(await pubsub.status()).toMatchObject({ state: 'stopped', streams: 0, subscriptions: 0 });
});

test('after stop no timer, socket or listener is left: the process ends by itself', async () => {
  const script = fileURLToPath(new URL('../mocks/run-and-stop.ts', import.meta.url));
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--conditions=@hipponot/source', script]);
  const report = JSON.parse(stdout) as { during: number };
  // One life a stream, one wheel, one recheck, one sweep of the adapter.
  expect(report).toEqual({ during: 13, timers: 0, left: [] });
}, 30_000);

test('a stopped server answers 503 with Retry-After, and stop may be called again', async () => {
  const { pubsub, url } = await startLab();
  await Promise.all([pubsub.stop({ drainMs: 0 }), pubsub.stop()]);
  for (const path of ['/stream?channel=ticks', '/history?channel=ticks', '/status']) {
    const answer = await fetch(`${url}${path}`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toMatchObject({
      code: 'unavailable',
      retryable: true,
      retryAfterMs: 2000,
    });
  }
});

test('an action that runs when the server stops may finish and publish; new emits are refused', async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const { pubsub, url } = await startLab({
    actions: {
      'orders:created': async (ctx) => {
        started.resolve();
        await finish.promise;
        await ctx.publish('orders:shipped', { orderId: 'late' });
        return { success: true };
      },
    },
  });
  const emit = (): Promise<Response> =>
    fetch(`${url}/emit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'orders:created', payload: { orderId: '1' } }),
    });
  const running = emit();
  await started.promise;
  const stopping = pubsub.stop({ drainMs: 5000 });
  expect((await emit()).status).toBe(503);
  finish.resolve();
  expect(await (await running).json()).toMatchObject({ result: { success: true } });
  await stopping;
});

test('an action that outlasts the drain hears the abort signal', async () => {
  const started = Promise.withResolvers<void>();
  const { pubsub, url } = await startLab({
    actions: {
      'orders:created': async (_ctx, _payload, opts) => {
        started.resolve();
        await new Promise((resolve) => opts?.signal?.addEventListener('abort', resolve));
        return { success: false };
      },
    },
  });
  const body = JSON.stringify({ name: 'orders:created', payload: { orderId: '1' } });
  const answer = fetch(`${url}/emit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await started.promise;
  await pubsub.stop({ drainMs: 10 });
  // Its publish comes too late for the adapter: the client may try again elsewhere.
  expect(await (await answer).json()).toMatchObject({ code: 'unavailable', retryable: true });
});

test('the first use starts the adapter once; one that does not start is a 503, and is tried again', async () => {
  const inner = memory();
  let starts = 0;
  const adapter: PubSubAdapter = {
    ...inner,
    start: async () => {
      starts += 1;
      if (starts === 1) throw new Error('connection refused');
      await inner.start();
    },
  };
  const { pubsub, url } = await startLab({ adapter });
  expect((await pubsub.status()).state).toBe('idle');
  const refused = await fetch(`${url}/stream?channel=ticks`);
  expect(refused.status).toBe(503);
  expect(await refused.text()).not.toContain('connection refused');

  await Promise.all([
    pubsub.publish('ticks:ticked', { n: 1 }),
    pubsub.start(),
    fetch(`${url}/status`),
  ]);
  expect(starts).toBe(2);
  expect(await (await fetch(`${url}/status`)).json()).toEqual({
    v: 1,
    status: 'up',
    adapter: 'memory',
  });
});

test('a channel the backend refuses is denied for now, or brings a plain client back; the next one gets it', async () => {
  const inner = memory();
  let refusals = 2;
  const adapter: PubSubAdapter = {
    ...inner,
    subscribe: async (channel, deliver) => {
      if (channel === 'tocks' && refusals-- > 0) throw new Error('no');
      return inner.subscribe(channel, deliver);
    },
  };
  const { pubsub, url } = await startLab({ adapter });
  const sdk = await subscribe(url, ['ticks', 'tocks']);
  expect(sdk.control('denied')).toEqual([
    expect.objectContaining({ channel: 'tocks', code: 'unavailable', retryable: true }),
  ]);
  await tick(pubsub, 1);
  await sdk.until(() => sdk.events().length === 1);

  const plain = await openStream(`${url}/stream?channel=tocks`);
  await plain.over;
  expect(plain.control('drain')[0]).toMatchObject({ reason: 'unavailable' });

  const again = await subscribe(url, ['tocks']);
  await pubsub.publish('tocks:tocked', { n: 1 });
  await again.until(() => again.events().length === 1);
});

test('a stream ends no later than the credentials, and says so', async () => {
  const { url } = await startLab({
    authenticate: () => ({ user: { id: 'ann', roles: [] }, expiresInMs: 40 }),
  });
  const client = await subscribe(url, ['ticks']);
  expect(client.control('hello')[0]).toMatchObject({ expiresInMs: 40 });
  await client.over;
  expect(client.control('drain')[0]).toMatchObject({ reason: 'expired', retryMs: 0 });
});

test('credentials that have expired already are refused', async () => {
  const { url } = await startLab({ authenticate: () => ({ expiresInMs: 0 }) });
  expect((await fetch(`${url}/stream?channel=ticks`)).status).toBe(401);
});

test('a stream has a life span; the client that comes back misses nothing', async () => {
  const { pubsub, url } = await startLab({ streamLifeMs: 30 });
  let id: string | undefined;
  const seen: number[] = [];
  for (let n = 1; n <= 10; n += 1) {
    const client = await openStream(`${url}/stream?channel=ticks&history=100`, {
      headers: id ? { 'last-event-id': id } : {},
    });
    await tick(pubsub, n);
    await client.over;
    seen.push(...numbers(client));
    id = client.lastEventId();
  }
  const last = await openStream(`${url}/stream?channel=ticks`, {
    headers: { 'last-event-id': id! },
  });
  await last.until(() => last.control('live').length === 1);
  expect([...seen, ...numbers(last)]).toEqual(range(1, 10));
});
