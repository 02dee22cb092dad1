import { memory } from '@hipponot/pubsub-adapters/in-memory';
import {
  defineContract,
  type ActionCtx,
  type Cursor,
  type EventDefinition,
  type EventEnvelope,
  type Logger,
} from '@hipponot/pubsub-core';
import { createTRPCClient } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import { createPubSub } from '../../create-pubsub.ts';
import { createPubSubRouter } from '../../trpc/create-pubsub-router.ts';
import { contract } from '../mocks/lab.ts';

const pubsub = createPubSub({
  contract,
  adapter: memory(),
  actions: { 'chat:typing': async () => undefined },
});

test('publish takes what the schema takes, and the channel exactly where the template has parameters', () => {
  expectTypeOf(pubsub.publish('orders:created', { orderId: '1' })).resolves.toEqualTypeOf<{
    readonly id: string;
    readonly cursor: Cursor;
    readonly duplicate: boolean;
  }>();
  void pubsub.publish(
    'chat:said',
    { text: 'x' },
    { channel: 'chat/1', id: 'a', meta: { trace: 1 } },
  );
  // @ts-expect-error a wrong payload
  void pubsub.publish('orders:created', { orderId: 1 });
  // @ts-expect-error an unknown event
  void pubsub.publish('orders:eaten', {});
  // @ts-expect-error an event that only clients send
  void pubsub.publish('chat:typing', {}, { channel: 'chat/1' });
  // @ts-expect-error no channel
  void pubsub.publish('chat:said', { text: 'x' });
  // @ts-expect-error another event's channel
  void pubsub.publish('chat:said', { text: 'x' }, { channel: 'orders' });
});

test('history is typed by its channel', () => {
  expectTypeOf(pubsub.history('chat/1'))
    .resolves.toHaveProperty('events')
    .toEqualTypeOf<
      readonly (EventEnvelope<'chat:said', { text: string }> & { readonly cursor: Cursor })[]
    >();
  // @ts-expect-error an unknown channel
  void pubsub.history('chta/1');
});

test('policies are keyed by the templates, with their parameters', () => {
  createPubSub({
    contract,
    adapter: memory(),
    channels: {
      orders: {
        authorize: ({ user, action, params }) => {
          expectTypeOf(user).toEqualTypeOf<{ id: string; roles: string[] } | undefined>();
          expectTypeOf(action).toEqualTypeOf<'subscribe' | 'replay' | 'history' | 'emit'>();
          expectTypeOf(params).toEqualTypeOf<{}>();
          return true;
        },
      },
      'chat/:room': {
        authorize: async ({ params }) => {
          expectTypeOf(params).toEqualTypeOf<{ readonly room: string }>();
          return true;
        },
        retention: { maxEvents: 10 },
        ordering: 'relaxed',
      },
    },
  });
  createPubSub({
    contract,
    adapter: memory(),
    // @ts-expect-error no template of the contract
    channels: { 'chat/:id': { authorize: () => true } },
  });
  createPubSub({
    contract,
    adapter: memory(),
    // @ts-expect-error a policy answers with a boolean
    channels: { orders: { authorize: () => 'yes' } },
  });
});

test('actions get the payload and the services, and return what the result schema takes', () => {
  const services = { db: { insert: async (_row: { orderId: string }) => 1 } };
  createPubSub({
    contract,
    adapter: memory(),
    services,
    actions: {
      'orders:created': async (ctx, payload) => {
        expectTypeOf(payload).toEqualTypeOf<{ orderId: string; total: number }>();
        expectTypeOf(ctx.services).toEqualTypeOf<typeof services>();
        await ctx.services.db.insert(payload);
        return { success: true };
      },
      'chat:said': async () => {},
    },
  });
  createPubSub({
    contract,
    adapter: memory(),
    // @ts-expect-error a result that does not fit
    actions: { 'orders:created': async () => ({ success: 1 }) },
  });
  createPubSub({
    contract,
    adapter: memory(),
    // @ts-expect-error a result nobody declared
    actions: { 'chat:said': async () => ({ leaked: true }) },
  });
  createPubSub({
    contract,
    adapter: memory(),
    // @ts-expect-error no client emits it
    actions: { 'orders:shipped': async () => undefined },
  });
});

test('without services there is the logger alone, and an action that needs more does not compile', () => {
  createPubSub({
    contract,
    adapter: memory(),
    actions: {
      'orders:created': async (ctx) => {
        expectTypeOf(ctx.services).toEqualTypeOf<{ readonly logger: Logger }>();
        // @ts-expect-error no services were given
        void ctx.services.db;
        return { success: true };
      },
    },
  });
  const insert = async (ctx: ActionCtx<{ db: { insert(): Promise<void> } }>) => {
    await ctx.services.db.insert();
    return { success: true };
  };
  const db = { insert: async () => undefined };
  createPubSub({
    contract,
    adapter: memory(),
    services: { db },
    actions: { 'orders:created': insert },
  });
  // @ts-expect-error the action's own type asks for a db
  createPubSub({ contract, adapter: memory(), actions: { 'orders:created': insert } });
  createPubSub({
    contract,
    adapter: memory(),
    services: { db: {} },
    // @ts-expect-error another db than the action's own type asks for
    actions: { 'orders:created': insert },
  });
  // @ts-expect-error services that are named as a type and not given
  createPubSub<typeof contract, { db: typeof db }>({ contract, adapter: memory() });
});

test("an action's own publish is the contract's", () => {
  createPubSub({
    contract,
    adapter: memory(),
    actions: {
      'orders:created': async (ctx, { orderId }) => {
        expectTypeOf(ctx.publish('orders:shipped', { orderId })).resolves.toEqualTypeOf<void>();
        await ctx.publish('chat:said', { text: 'x' }, { channel: 'chat/1', meta: { trace: 1 } });
        // @ts-expect-error a wrong payload
        await ctx.publish('orders:shipped', { orderId: 1 });
        // @ts-expect-error an unknown event
        await ctx.publish('orders:eaten', {});
        // @ts-expect-error an event that only clients send
        await ctx.publish('chat:typing', { on: true }, { channel: 'chat/1' });
        // @ts-expect-error no channel
        await ctx.publish('chat:said', { text: 'x' });
        // @ts-expect-error its id derives from the emit's
        await ctx.publish('orders:shipped', { orderId }, { id: 'mine' });
        return { success: true };
      },
    },
  });
});

test("the specification's definition: any name may be published, and literal ones keep their types", () => {
  const spec: EventDefinition<{ text: string }, { success: boolean }> = {
    name: 'spec:created',
    channel: 'spec',
    direction: 'BOTH',
    action: async (_ctx, payload) => ({ success: payload.text !== '' }),
  };
  const services = { db: {}, logger: console };
  const wide = createPubSub({
    contract: defineContract({ events: [spec] }),
    adapter: memory(),
    services,
  });
  void wide.publish('spec:created', { text: 'x' });
  void wide.publish('spec:created', { text: 'x' }, { channel: 'spec', id: 'a' });
  // @ts-expect-error no event name
  void wide.publish('spec', { text: 'x' });

  const mixed = createPubSub({
    contract: defineContract({ events: [spec, ...contract.events] }),
    adapter: memory(),
    services,
    actions: {
      'chat:typing': async (ctx) => ctx.publish('spec:created', { text: 'x' }),
    },
  });
  void mixed.publish('spec:created', 1);
  void mixed.publish('orders:shipped', { orderId: '1' });
  // @ts-expect-error a wrong payload of a literal name
  void mixed.publish('orders:shipped', { orderId: 1 });
  // @ts-expect-error no channel for a literal name
  void mixed.publish('chat:said', { text: 'x' });
  // @ts-expect-error an event that only clients send
  void mixed.publish('chat:typing', { on: true }, { channel: 'chat/1' });
});

test('a tRPC client infers channels, events, payloads and results', () => {
  const t = initTRPC.context<{ session: { id: string } }>().create();
  const guarded = t.procedure.use(({ ctx, next }) => next({ ctx: { user: ctx.session } }));
  const router = t.router({
    pubsub: createPubSubRouter(pubsub, {
      router: t.router,
      procedure: guarded,
      principal: (ctx) => {
        expectTypeOf(ctx.user).toEqualTypeOf<{ id: string }>();
        expectTypeOf(ctx.session).toEqualTypeOf<{ id: string }>();
        return { user: { id: ctx.user.id, roles: [] } };
      },
    }),
  });
  const client = createTRPCClient<typeof router>({ links: [] });

  client.pubsub.subscribe.subscribe(
    { channels: [{ channel: 'orders', history: 5 }, { channel: 'chat/1' }] },
    {
      onData: ({ id, data }) => {
        expectTypeOf(id).toEqualTypeOf<string>();
        expectTypeOf(data.type).toEqualTypeOf<
          'event' | 'attached' | 'live' | 'gap' | 'denied' | 'revoked'
        >();
        if (data.type === 'event' && data.event.name === 'chat:said')
          expectTypeOf(data.event.payload).toEqualTypeOf<{ text: string }>();
        if (data.type === 'attached')
          expectTypeOf(data.outcome).toEqualTypeOf<'fresh' | 'recovered' | 'gap' | 'reset'>();
      },
    },
  );
  // @ts-expect-error an unknown channel
  client.pubsub.subscribe.subscribe({ channels: [{ channel: 'chta/1' }] }, {});
  expectTypeOf(client.pubsub.emit.mutate({ name: 'orders:created', payload: { orderId: '1' } }))
    .resolves.toHaveProperty('id')
    .toEqualTypeOf<string>();
  // @ts-expect-error only the server publishes it
  void client.pubsub.emit.mutate({ name: 'orders:shipped', payload: { orderId: '1' } });
  // @ts-expect-error no channel
  void client.pubsub.emit.mutate({ name: 'chat:said', payload: { text: 'x' } });
});
