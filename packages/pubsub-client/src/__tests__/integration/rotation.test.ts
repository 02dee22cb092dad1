import { expect, onTestFinished, test, vi } from 'vitest';
import { createClient } from '../../client/create-client.ts';
import { startLiveServer } from '../mocks/live-server.ts';
import type { contract } from '../mocks/shop-contract.ts';

const within = { timeout: 20_000, interval: 5 };

test('a stream at the end of its life is handed over: connected throughout, each event once', async () => {
  const { pubsub, url, stop } = await startLiveServer({ streamLifeMs: 100 });
  onTestFinished(stop);
  const client = createClient<typeof contract>({
    url,
    backoff: { baseMs: 20, maxMs: 80 },
  });
  onTestFinished(() => client.close());
  const heard: string[] = [];
  const orders = client.channel('orders');
  orders.listen({
    onEvent: ({ payload }) => heard.push(payload.orderId),
    onGap: ({ outcome }) => heard.push(outcome),
  });
  await vi.waitFor(() => expect(orders.getSnapshot().status).toBe('live'), within);

  const states = new Set<string>();
  const streams = new Set<string>();
  const note = (): void => {
    const status = client.connection.getSnapshot();
    states.add(`${status.state}, ${orders.getSnapshot().status}`);
    if (status.state === 'connected') streams.add(status.streamId);
  };
  note();
  onTestFinished(client.connection.subscribe(note));
  onTestFinished(orders.subscribe(note));

  // Two hand-overs at least lie between the first event and the last.
  let published = 0;
  while (published < 200 || streams.size < 3) {
    published += 1;
    await pubsub.publish('orders:shipped', { orderId: String(published) });
    if (published % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await vi.waitFor(() => expect(heard).toHaveLength(published), within);
  expect(heard).toEqual(Array.from({ length: published }, (_, index) => String(index + 1)));
  expect([...states]).toEqual(['connected, live']);
  expect(orders.getSnapshot().recovery).toMatchObject({ outcome: 'fresh' });
});
