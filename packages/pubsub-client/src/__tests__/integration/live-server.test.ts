import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../client/create-client.ts';
import type { ClientOptions } from '../../client/client-options.ts';
import type { PubSubClient } from '../../client/pubsub-client.ts';
import { startLiveServer, type LiveServer } from '../mocks/live-server.ts';
import type { contract } from '../mocks/shop-contract.ts';

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

describe('on the real server', () => {
  test('an event that is published arrives, once, typed, in its envelope', async () => {
    const { pubsub, url } = await server();
    const orders = connect(url).channel('orders');
    const heard = vi.fn();
    orders.listen({ onEvent: heard });
    await vi.waitFor(() => expect(orders.getSnapshot().status).toBe('live'), within);
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
    const orders = connect(url).channel('orders', { history: 2 });
    const heard: string[] = [];
    orders.listen({ onEvent: ({ payload }) => heard.push(payload.orderId) });
    await vi.waitFor(() => expect(orders.getSnapshot().status).toBe('live'), within);
    await pubsub.publish('orders:shipped', { orderId: '4' });
    await vi.waitFor(() => expect(heard).toEqual(['4']), within);
    expect(orders.getSnapshot().events.map(({ payload }) => payload.orderId)).toEqual([
      '2',
      '3',
      '4',
    ]);
    expect(orders.getSnapshot().recovery).toMatchObject({ outcome: 'fresh', replayed: 2 });
  });

  test('emit is acked with the result of its action, and its echo has the same id', async () => {
    const { url } = await server({
      actions: { 'orders:created': async () => ({ success: true }) },
    });
    const client = connect(url);
    const orders = client.channel('orders');
    const heard = vi.fn();
    orders.listen({ onEvent: heard });
    await vi.waitFor(() => expect(orders.getSnapshot().status).toBe('live'), within);
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
});
