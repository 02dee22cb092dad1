import {
  defineContract,
  defineEvent,
  type EventEnvelope,
  type PubSubError,
} from '@hipponot/pubsub-core';
import { describe, expectTypeOf, test } from 'vitest';
import { createClient } from '../../../client/create-client.ts';
import type { ChannelStore, EmitReceipt, PubSubClient } from '../../../client/pubsub-client.ts';
import { createEmitter } from '../../../optimistic/create-emitter.ts';
import { contract } from '../../mocks/shop-contract.ts';

const url = '/pubsub';
const client = createClient({ url, contract });

describe('a client', () => {
  test('has its types from the contract, or from the contract’s type alone', () => {
    expectTypeOf(createClient<typeof contract>({ url })).toEqualTypeOf<
      PubSubClient<typeof contract>
    >();
    expectTypeOf(client).toEqualTypeOf<PubSubClient<typeof contract>>();
    // @ts-expect-error: without a URL there is no server
    createClient({ contract });
    // @ts-expect-error: a policy that does not exist
    createClient({ url, contract, validation: 'throw' });
    createClient<typeof contract>({
      url,
      headers: async ({ refresh }) => ({ authorization: refresh ? 'new' : 'old' }),
    });
    createClient<typeof contract>({
      url,
      headers: { authorization: 'x' },
      lifecycle: false,
      credentials: 'include',
    });
  });
});

describe('a channel', () => {
  test('is one that the contract declares', () => {
    client.channel('orders');
    client.channel('chat/42', { history: 50, limit: 200 });
    // @ts-expect-error: no such channel
    client.channel('chta/42');
    // @ts-expect-error: the template has a parameter
    client.channel('chat');
    // @ts-expect-error: one segment too many
    client.channel('orders/42');
    // @ts-expect-error: no such option
    client.channel('orders', { replay: 5 });
  });

  test('carries the events declared on it, and no client-sent ones', () => {
    const orders = client.channel('orders').getSnapshot();
    expectTypeOf(orders.latest).toEqualTypeOf<
      | EventEnvelope<'orders:created', { orderId: string; total: number }>
      | EventEnvelope<'orders:shipped', { orderId: string }>
      | undefined
    >();
    const latest = orders.latest;
    if (latest?.name === 'orders:created')
      expectTypeOf(latest.payload.total).toEqualTypeOf<number>();
    expectTypeOf(client.channel('chat/1')).toEqualTypeOf<
      ChannelStore<EventEnvelope<'chat:said', { text: string }>>
    >();
    client.channel('orders').listen({
      onEvent(event, cursor) {
        expectTypeOf(event.name).toEqualTypeOf<'orders:created' | 'orders:shipped'>();
        expectTypeOf(cursor.offset).toEqualTypeOf<number>();
      },
      onError: (error) => expectTypeOf(error).toEqualTypeOf<PubSubError>(),
    });
  });

  test('has a history of the same events, with positions', async () => {
    const { events } = await client.history('chat/1', { limit: 5 });
    expectTypeOf(events[0]?.payload.text).toEqualTypeOf<string | undefined>();
    expectTypeOf(events[0]?.cursor.epoch).toEqualTypeOf<string | undefined>();
    // @ts-expect-error: no such channel
    await client.history('chta/1');
  });
});

describe('emit', () => {
  test('takes what the event’s schema takes, and answers what its action does', () => {
    expectTypeOf(client.emit('orders:created', { orderId: '1', total: 2 })).toEqualTypeOf<
      Promise<EmitReceipt<{ success: boolean }>>
    >();
    void client.emit(
      'feedback:sent',
      { stars: 5 },
      { id: 'x', signal: new AbortController().signal },
    );
    // @ts-expect-error: a wrong payload
    void client.emit('orders:created', { orderId: 1, total: 2 });
    // @ts-expect-error: a field is missing
    void client.emit('orders:created', { orderId: '1' });
    // @ts-expect-error: no such event
    void client.emit('orders:deleted', {});
    // @ts-expect-error: only the server publishes it
    void client.emit('orders:shipped', { orderId: '1' });
  });

  test('needs the channel where the template is more than the family, if without a parameter', () => {
    const regional = defineContract({
      events: [defineEvent({ name: 'orders:landed', channel: 'orders/eu', direction: 'BOTH' })],
    });
    const there = createClient({ url, contract: regional });
    void there.emit('orders:landed', {}, { channel: 'orders/eu' });
    createEmitter(there, 'orders:landed', { channel: 'orders/eu' });
    // @ts-expect-error: it would go to "orders"
    void there.emit('orders:landed', {});
    // @ts-expect-error: it would go to "orders"
    createEmitter(there, 'orders:landed');
  });

  test('needs the channel where the template has a parameter', () => {
    void client.emit('chat:said', { text: 'hi' }, { channel: 'chat/42' });
    // @ts-expect-error: which room?
    void client.emit('chat:said', { text: 'hi' });
    // @ts-expect-error: a channel of another event
    void client.emit('chat:said', { text: 'hi' }, { channel: 'orders' });
    void client.emit('orders:created', { orderId: '1', total: 2 }, { channel: 'orders' });
    // @ts-expect-error: it goes to its family alone
    void client.emit('orders:created', { orderId: '1', total: 2 }, { channel: 'orders/1' });
  });
});

describe('an emitter', () => {
  test('is as typed as emit', () => {
    const create = createEmitter(client, 'orders:created');
    create.emit({ orderId: '1', total: 2 });
    expectTypeOf(create.getSnapshot().data).toEqualTypeOf<{ success: boolean } | undefined>();
    expectTypeOf(create.emitAsync({ orderId: '1', total: 2 })).toEqualTypeOf<
      Promise<EmitReceipt<{ success: boolean }>>
    >();
    const say = createEmitter(client, 'chat:said', { channel: 'chat/1' });
    say.emit({ text: 'hi' }, { channel: 'chat/2' });
    // @ts-expect-error: a wrong payload
    create.emit({ orderId: 1 });
    // @ts-expect-error: which room?
    createEmitter(client, 'chat:said');
    // @ts-expect-error: only the server publishes it
    createEmitter(client, 'orders:shipped');
    // @ts-expect-error: no such room
    say.emit({ text: 'hi' }, { channel: 'orders' });
  });
});
