import {
  defineContract,
  defineEvent,
  type EventEnvelope,
  type PubSubError,
} from '@hipponot/pubsub-core';
import type {
  ConnectionStatus,
  EmitReceipt,
  PubSubClient,
  Recovery,
  SubscriptionStatus,
} from '@hipponot/pubsub-client';
import { expectTypeOf, test } from 'vitest';
import { createPubSubHooks } from '../../create-pubsub-hooks.ts';
import type { ContractOf } from '../../register.ts';
import type { contract } from '../test-contract.ts';

type C = typeof contract;
declare const client: PubSubClient<C>;
declare const room: string;
const { PubSubProvider, useChannel, useEvent, useEmit, useConnection, usePubSubClient } =
  createPubSubHooks<C>();

type Created = EventEnvelope<'orders:created', { orderId: string; total: number }>;
type Shipped = EventEnvelope<'orders:shipped', { orderId: string }>;
type Said = EventEnvelope<'chat:said', { text: string }>;

test('useChannel gives exactly the events of the channel', () => {
  const orders = useChannel('orders', { history: 50, limit: 100, enabled: true });
  expectTypeOf(orders.events).toEqualTypeOf<readonly (Created | Shipped)[]>();
  expectTypeOf(orders.latest).toEqualTypeOf<Created | Shipped | undefined>();
  expectTypeOf(orders.status).toEqualTypeOf<SubscriptionStatus>();
  expectTypeOf(orders.recovery).toEqualTypeOf<Recovery | undefined>();
  expectTypeOf(orders.error).toEqualTypeOf<PubSubError | undefined>();
  expectTypeOf(useChannel('chat/42').latest).toEqualTypeOf<Said | undefined>();
  expectTypeOf(useChannel(`chat/${room}`).latest).toEqualTypeOf<Said | undefined>();
  useChannel('orders', {
    onGap: (recovery) => expectTypeOf(recovery).toEqualTypeOf<Recovery>(),
  });
});

test('a name narrows the payload', () => {
  for (const event of useChannel('orders').events) {
    if (event.name === 'orders:created') expectTypeOf(event.payload.total).toEqualTypeOf<number>();
    // @ts-expect-error not every event of the channel has a total
    void event.payload.total;
  }
});

test('useChannel refuses what is no channel of the contract', () => {
  // @ts-expect-error a misspelt family
  useChannel('chta/42');
  // @ts-expect-error a family that exists as a template only
  useChannel('chat');
  // @ts-expect-error an instance of a family that has none
  useChannel('orders/42');
  // @ts-expect-error an option there is not
  useChannel('orders', { histroy: 50 });
});

test('useEvent hands over the envelope of the name', () => {
  useEvent('orders:created', (event) => expectTypeOf(event).toEqualTypeOf<Created>());
  useEvent('orders:created', { enabled: false }, (event) =>
    expectTypeOf(event).toEqualTypeOf<Created>(),
  );
  useEvent('orders:shipped', { channel: 'orders' }, (event) =>
    expectTypeOf(event).toEqualTypeOf<Shipped>(),
  );
  useEvent('chat:said', { channel: `chat/${room}` }, (event) =>
    expectTypeOf(event).toEqualTypeOf<Said>(),
  );
});

test('useEvent and useEmit need the channel of an event whose template is more than its family', () => {
  const regional = defineContract({
    events: [defineEvent({ name: 'orders:landed', channel: 'orders/eu', direction: 'BOTH' })],
  });
  const hooks = createPubSubHooks<typeof regional>();
  hooks.useEvent('orders:landed', { channel: 'orders/eu' }, () => {});
  hooks.useEmit('orders:landed', { channel: 'orders/eu' });
  // @ts-expect-error it would listen on "orders"
  hooks.useEvent('orders:landed', () => {});
  // @ts-expect-error it would go to "orders"
  hooks.useEmit('orders:landed');
});

test('useEvent refuses unknown names and missing or foreign channels', () => {
  // @ts-expect-error an unknown event
  useEvent('orders:creatd', () => {});
  // @ts-expect-error a client-sent event is never published
  useEvent('chat:typing', { channel: 'chat/42' }, () => {});
  // @ts-expect-error the template has a parameter
  useEvent('chat:said', () => {});
  // @ts-expect-error the channel is still missing
  useEvent('chat:said', { enabled: true }, () => {});
  // @ts-expect-error the channel of another family
  useEvent('chat:said', { channel: 'orders' }, () => {});
  // @ts-expect-error a payload that is not there
  useEvent('orders:shipped', (event) => event.payload.total);
});

test('useEmit takes the payload of the schema and gives its result', () => {
  const create = useEmit('orders:created');
  expectTypeOf(create.emit).parameter(0).toEqualTypeOf<{ orderId: string; total: number }>();
  expectTypeOf(create.emit).returns.toEqualTypeOf<void>();
  expectTypeOf(create.emitAsync).returns.resolves.toEqualTypeOf<
    EmitReceipt<{ success: boolean }>
  >();
  expectTypeOf(create.data).toEqualTypeOf<{ success: boolean } | undefined>();
  expectTypeOf(create.error).toEqualTypeOf<PubSubError | undefined>();
  expectTypeOf(create.isPending).toEqualTypeOf<boolean>();
  expectTypeOf(create.reset).toEqualTypeOf<() => void>();
  expectTypeOf(useEmit('orders:created', { channel: 'orders' }).data).toEqualTypeOf<
    { success: boolean } | undefined
  >();
  useEmit('chat:said', { channel: `chat/${room}` }).emit({ text: 'hello' });
  // The schema's input: what has a default may be left out.
  useEmit('chat:typing', { channel: 'chat/42' }).emit({});
});

test('useEmit refuses unknown names, server events, wrong payloads and missing channels', () => {
  const create = useEmit('orders:created');
  // @ts-expect-error a field of the wrong type
  create.emit({ orderId: 42, total: 1 });
  // @ts-expect-error a field is missing
  create.emit({ orderId: '42' });
  // @ts-expect-error a field there is not
  create.emit({ orderId: '42', total: 1, currency: 'EUR' });
  // @ts-expect-error no payload at all
  create.emit();
  // @ts-expect-error an unknown event
  useEmit('orders:creatd');
  // @ts-expect-error published by the server alone
  useEmit('orders:shipped');
  // @ts-expect-error the template has a parameter
  useEmit('chat:said');
  // @ts-expect-error the channel of another family
  useEmit('chat:said', { channel: 'orders' });
  // @ts-expect-error an option there is not
  useEmit('orders:created', { chanel: 'orders' });
  // @ts-expect-error an option there is not
  useEvent('orders:created', { chanel: 'orders' }, () => {});
});

test('useConnection, usePubSubClient and the provider', () => {
  const status = useConnection();
  expectTypeOf(status).toEqualTypeOf<ConnectionStatus>();
  if (status.state === 'reconnecting') expectTypeOf(status.attempt).toEqualTypeOf<number>();
  expectTypeOf(usePubSubClient()).toEqualTypeOf<PubSubClient<C>>();
  void (<PubSubProvider client={client}>text</PubSubProvider>);
  // @ts-expect-error a provider without its client
  void (<PubSubProvider>text</PubSubProvider>);
});

test('a Register names the contract; without one no name is right', () => {
  expectTypeOf<ContractOf<{ contract: C }>>().toEqualTypeOf<C>();
  const unregistered = createPubSubHooks<ContractOf<object>>();
  // @ts-expect-error the message says to register
  unregistered.useChannel('orders');
  // @ts-expect-error the message says to register
  unregistered.useEvent('orders:created', () => {});
  // @ts-expect-error the message says to register
  unregistered.useEmit('orders:created');
  void (<unregistered.PubSubProvider client={client} />);
});
