import type { PubSubAdapter, User } from '@hipponot/pubsub-core';
import type { PubSub } from '@hipponot/pubsub-server';
import { createPubSubRouter } from '@hipponot/pubsub-server/trpc';
import { initTRPC } from '@trpc/server';
import { z } from 'zod';
import type { contract } from '../contract.ts';
import type { Journal } from './journal.ts';
import type { OrderBook } from './order-book.ts';
import type { Simulator } from './simulator.ts';

interface Context {
  readonly user: User | undefined;
}

export interface RouterParts {
  readonly book: OrderBook;
  readonly journal: Journal;
  readonly simulator: Simulator;
  readonly adapter: PubSubAdapter;
  readonly pubsub: PubSub<typeof contract>;
}

const t = initTRPC.context<Context>().create();

export function createAppRouter(parts: RouterParts) {
  const { book, journal, simulator, adapter, pubsub } = parts;
  return t.router({
    orders: t.router({
      list: t.procedure.query(() => book.orders),
    }),
    journal: t.router({
      since: t.procedure
        .input(
          z.object({
            channel: z.string(),
            after: z.object({ epoch: z.string(), offset: z.int() }),
          }),
        )
        .query(({ input }) => journal.since(input.channel, input.after)),
    }),
    house: t.router({
      about: t.procedure.query(() => ({
        adapter: adapter.name,
        // This process alone; the log itself may be shared by more.
        nodes: 1,
        running: simulator.running,
      })),
      run: t.procedure.input(z.boolean()).mutation(({ input: running }) => {
        if (running) simulator.resume();
        else simulator.pause();
        return simulator.running;
      }),
    }),
    // The contract, for clients that speak tRPC alone.
    pubsub: createPubSubRouter(pubsub, {
      router: t.router,
      procedure: t.procedure,
      principal: ({ user }) => (user ? { user } : null),
    }),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
