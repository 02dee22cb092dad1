import type { PubSubAdapter, User } from '@hipponot/pubsub-core';
import type { Principal, PubSub } from '@hipponot/pubsub-server';
import { createPubSubRouter } from '@hipponot/pubsub-server/trpc';
import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { contract } from '../contract.ts';
import type { Journal } from './journal.ts';
import type { OrderBook } from './order-book.ts';
import { may } from './users.ts';

interface Context {
  /** `null`: credentials came that are nobody's. */
  readonly principal: Principal | null;
}

/** The switches that all pages share; `house:changed` tells how they stand. */
export interface House {
  change(switches: { readonly running?: boolean; readonly cut?: boolean }): void;
}

export interface RouterParts {
  readonly book: OrderBook;
  readonly journal: Journal;
  readonly house: House;
  readonly adapter: PubSubAdapter;
  readonly pubsub: PubSub<typeof contract>;
}

const t = initTRPC.context<Context>().create();

/** For anybody, without credentials or with good ones. */
const anybody = t.procedure.use(({ ctx: { principal }, next }) => {
  if (principal) return next({ ctx: { user: principal.user } });
  throw new TRPCError({ code: 'UNAUTHORIZED', message: 'These credentials are of nobody here.' });
});

/** For those who work here. */
const staff = anybody.use(({ ctx: { user }, next }) => {
  if (user) return next({ ctx: { user } });
  throw new TRPCError({ code: 'UNAUTHORIZED', message: 'This is for those who work here.' });
});

/** What is read beside a channel is for those who may read the channel. */
function mustRead(user: User | undefined, channel: string): void {
  if (may({ user, action: 'history', channel })) return;
  throw new TRPCError({ code: 'FORBIDDEN', message: `This user may not read "${channel}".` });
}

export function createAppRouter(parts: RouterParts) {
  const { book, journal, house, adapter, pubsub } = parts;
  return t.router({
    orders: t.router({
      list: anybody.query(({ ctx }) => {
        mustRead(ctx.user, 'orders');
        return book.orders;
      }),
    }),
    journal: t.router({
      since: anybody
        .input(
          z.object({
            channel: z.string(),
            after: z.object({ epoch: z.string(), offset: z.int() }),
          }),
        )
        .query(({ ctx, input }) => {
          mustRead(ctx.user, input.channel);
          return journal.since(input.channel, input.after);
        }),
    }),
    house: t.router({
      about: anybody.query(() => ({
        adapter: adapter.name,
        // This process alone; the log itself may be shared by more.
        nodes: 1,
      })),
      run: staff.input(z.boolean()).mutation(({ input: running }) => house.change({ running })),
      cut: staff.input(z.boolean()).mutation(({ input: cut }) => house.change({ cut })),
    }),
    // The contract, for clients that speak tRPC alone.
    pubsub: createPubSubRouter(pubsub, {
      router: t.router,
      procedure: t.procedure,
      principal: ({ principal }) => principal,
    }),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
