import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { seededRandom } from '@hipponot/chaos';
import { PubSubError } from '@hipponot/pubsub-core';
import { createPubSub } from '@hipponot/pubsub-server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { createServer } from 'node:http';
import { contract } from '../contract.ts';
import { remarkOn, saidBefore, whyNotSaid } from './chatter.ts';
import { journaled } from './journal.ts';
import { startLane } from './lane.ts';
import { OrderBook, OrderRefused } from './order-book.ts';
import { createAppRouter, type House } from './router.ts';
import { startSimulator, type Change } from './simulator.ts';
import { may, principalOf } from './users.ts';

const port = Number(process.env['PORT'] ?? 4000);
const host = process.env['HOST'] ?? '127.0.0.1';
const seed = Number(process.env['SEED'] ?? 7);

const book = new OrderBook();
const { adapter, journal } = journaled(memory());

/** Takes a change of an order into the book; a refusal is the sender's to read. */
async function take(change: Change): Promise<void> {
  try {
    book.apply(change);
  } catch (error) {
    if (error instanceof OrderRefused) throw new PubSubError('forbidden', error.message);
    throw error;
  }
}

const pubsub = createPubSub({
  contract,
  adapter,
  authenticate: ({ headers }) => principalOf(headers.get('authorization')),
  channels: {
    orders: { authorize: may, retention: { maxEvents: 2000 } },
    'chat/:room': { authorize: may, retention: { maxEvents: 200 } },
    house: { authorize: may, retention: { maxEvents: 10 } },
  },
  actions: {
    'orders:created': async (_ctx, payload) => {
      await take({ name: 'orders:created', payload });
      return { ahead: book.ahead(payload.orderId) };
    },
    'orders:paid': (_ctx, payload) => take({ name: 'orders:paid', payload }),
    'orders:packed': (_ctx, payload) => take({ name: 'orders:packed', payload }),
    'orders:shipped': (_ctx, payload) => take({ name: 'orders:shipped', payload }),
    'orders:cancelled': (_ctx, payload) => take({ name: 'orders:cancelled', payload }),
    'chat:said': async ({ user }, { from, text }) => {
      const refusal = whyNotSaid(from, text, user?.id);
      if (refusal) throw new PubSubError('forbidden', refusal);
    },
  },
});

/** What the house itself publishes goes out in the order in which it happened. */
let published: Promise<unknown> = Promise.resolve();
function publish(send: () => Promise<unknown>): void {
  published = published.then(send).catch((error: unknown) => console.error(error));
}

const chance = seededRandom(seed, 1);
const simulator = startSimulator({
  book,
  seed,
  publish(change) {
    publish(() => pubsub.publish(change.name, change.payload));
    const remark = remarkOn(change, chance);
    if (!remark) return;
    const { room, from, text } = remark;
    publish(() => pubsub.publish('chat:said', { from, text }, { channel: `chat/${room}` }));
  },
});
for (const { room, from, text } of saidBefore) {
  publish(() => pubsub.publish('chat:said', { from, text }, { channel: `chat/${room}` }));
}

const lane = await startLane(port);
const house: House = {
  change({ running = simulator.running, cut = lane.isCut }) {
    if (running) simulator.resume();
    else simulator.pause();
    if (cut !== lane.isCut) lane.cut(cut);
    publish(() => pubsub.publish('house:changed', { running, cut }));
  },
};
// The first word, for the pages that ask for the last one.
house.change({ running: process.env['HOUSE'] !== 'closed' });

const trpcHandler = createHTTPHandler({
  router: createAppRouter({ book, journal, house, adapter, pubsub }),
  basePath: '/trpc/',
  createContext: ({ req }) => ({ principal: principalOf(req.headers.authorization) }),
});

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  if (lane.takes(path)) lane.handle(request, response);
  else if (path.startsWith('/trpc/')) trpcHandler(request, response);
  else pubsub.nodeHandler(request, response);
});
server.listen(port, host);

let closing = false;
async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  simulator.pause();
  server.close();
  await published;
  await pubsub.stop({ drainMs: 200 });
  await lane.close();
  server.closeAllConnections();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close());
