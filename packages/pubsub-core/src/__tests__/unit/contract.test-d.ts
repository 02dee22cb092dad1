import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineContract } from '../../define-contract.ts';
import { defineEvent } from '../../define-event.ts';
import type {
  AddressArgs,
  ChannelFor,
  ChannelOf,
  Contract,
  EmittableName,
  EnvelopeNamed,
  EnvelopeOn,
  EventNameOf,
  EventNamed,
  NeedsChannel,
  PayloadInputOf,
  PublishableName,
  PublishArgs,
  PublishName,
  ResultOf,
} from '../../types/contract.ts';
import type { EventDefinition } from '../../types/definition.ts';
import type { EventEnvelope, EventName } from '../../types/event.ts';
import type { ParamsOf } from '../../types/channel-types.ts';

const created = defineEvent({
  name: 'orders:created',
  channel: 'orders',
  direction: 'BOTH',
  version: 1,
  payloadSchema: z.object({ orderId: z.string(), total: z.number().default(0) }),
  resultSchema: z.object({ success: z.boolean() }),
});
const shipped = defineEvent({
  name: 'orders:shipped',
  channel: 'orders',
  payloadSchema: z.object({ orderId: z.string() }),
});
const noted = defineEvent({
  name: 'orders:noted',
  channel: 'orders/:id',
  payloadSchema: z.object({ text: z.string() }),
});
const said = defineEvent({
  name: 'chat:said',
  channel: 'chat/:room',
  direction: 'BOTH',
  payloadSchema: z.object({ text: z.string() }),
});
const typing = defineEvent({ name: 'chat:typing', channel: 'chat/:room', direction: 'CSE' });
const contract = defineContract({ events: [created, shipped, noted, said, typing] });
type C = typeof contract;

test('names follow their directions', () => {
  expectTypeOf<EventNameOf<C>>().toEqualTypeOf<
    'orders:created' | 'orders:shipped' | 'orders:noted' | 'chat:said' | 'chat:typing'
  >();
  expectTypeOf<EmittableName<C>>().toEqualTypeOf<'orders:created' | 'chat:said' | 'chat:typing'>();
  expectTypeOf<PublishableName<C>>().toEqualTypeOf<
    'orders:created' | 'orders:shipped' | 'orders:noted' | 'chat:said'
  >();
});

test('an event defined inside its contract keeps the default direction', () => {
  const inline = defineContract({
    events: [defineEvent({ name: 'orders:shipped', channel: 'orders' })],
  });
  expectTypeOf<PublishableName<typeof inline>>().toEqualTypeOf<'orders:shipped'>();
  expectTypeOf<EmittableName<typeof inline>>().toEqualTypeOf<never>();
});

test('channels are addresses of the templates', () => {
  expectTypeOf<ChannelOf<C>>().toEqualTypeOf<'orders' | `orders/${string}` | `chat/${string}`>();
  expectTypeOf<'chta/42'>().not.toExtend<ChannelOf<C>>();
  expectTypeOf<ChannelFor<C, 'chat:said'>>().toEqualTypeOf<`chat/${string}`>();
  expectTypeOf<ParamsOf<'chat/:room/:thread'>>().toEqualTypeOf<{
    readonly room: string;
    readonly thread: string;
  }>();
});

test('an address carries the union of its events', () => {
  expectTypeOf<EnvelopeOn<C, 'orders'>>().toEqualTypeOf<
    | EventEnvelope<'orders:created', { orderId: string; total: number }>
    | EventEnvelope<'orders:shipped', { orderId: string }>
  >();
  expectTypeOf<EnvelopeOn<C, 'orders/42'>>().toEqualTypeOf<
    EventEnvelope<'orders:noted', { text: string }>
  >();
  expectTypeOf<EnvelopeOn<C, `chat/${string}`>>().toEqualTypeOf<
    EventEnvelope<'chat:said', { text: string }>
  >();
  expectTypeOf<EnvelopeNamed<C, 'orders:shipped'>>().toEqualTypeOf<
    EventEnvelope<'orders:shipped', { orderId: string }>
  >();
});

test('payloads go in as the schema takes them and results come out as it gives them', () => {
  expectTypeOf<PayloadInputOf<EventNamed<C, 'orders:created'>>>().toEqualTypeOf<{
    orderId: string;
    total?: number | undefined;
  }>();
  expectTypeOf<ResultOf<EventNamed<C, 'orders:created'>>>().toEqualTypeOf<{ success: boolean }>();
  expectTypeOf<ResultOf<EventNamed<C, 'chat:said'>>>().toEqualTypeOf<void>();
});

test('the address is asked for unless the template is the family alone', () => {
  expectTypeOf<[]>().toExtend<AddressArgs<C, 'orders:created', { id?: string }>>();
  expectTypeOf<[]>().not.toExtend<AddressArgs<C, 'chat:said', { id?: string }>>();
  expectTypeOf<[{ channel: 'chat/42' }]>().toExtend<AddressArgs<C, 'chat:said', { id?: string }>>();
  expectTypeOf<[{ channel: 'orders' }]>().not.toExtend<
    AddressArgs<C, 'chat:said', { id?: string }>
  >();
  const landed = defineEvent({ name: 'orders:landed', channel: 'orders/eu' });
  type Regional = Contract<readonly [typeof created, typeof landed]>;
  expectTypeOf<NeedsChannel<Regional, 'orders:created'>>().toEqualTypeOf<false>();
  // A client sends what names no channel to the family: "orders" would be the wrong one.
  expectTypeOf<NeedsChannel<Regional, 'orders:landed'>>().toEqualTypeOf<true>();
  expectTypeOf<AddressArgs<Regional, 'orders:landed', object>>().toEqualTypeOf<
    [options: object & { channel: 'orders/eu' }]
  >();
});

test('what may be published is the literal names, and any name where a definition has one of the run time', () => {
  expectTypeOf<PublishName<C>>().toEqualTypeOf<PublishableName<C>>();
  expectTypeOf<PublishArgs<C, 'orders:shipped', { id?: string }>>().toEqualTypeOf<
    [payload: { orderId: string }, options?: { id?: string } & { channel?: 'orders' }]
  >();
  type Wide = Contract<readonly [EventDefinition<{ n: number }>, typeof shipped, typeof typing]>;
  expectTypeOf<PublishName<Wide>>().toEqualTypeOf<EventName>();
  expectTypeOf<PublishArgs<Wide, 'spec:created', { id?: string }>>().toEqualTypeOf<
    [payload: unknown, options?: { id?: string } & { channel?: string }]
  >();
  expectTypeOf<PublishArgs<Wide, 'orders:shipped', { id?: string }>>().toEqualTypeOf<
    PublishArgs<C, 'orders:shipped', { id?: string }>
  >();
  expectTypeOf<PublishArgs<Wide, 'chat:typing', object>>().toEqualTypeOf<[payload: never]>();
});

test('payloads hold arrays, and no array of what is not JSON', () => {
  const items = z.object({
    lines: z.array(z.object({ item: z.string() })),
    tags: z.array(z.string()).optional(),
  });
  defineEvent({ name: 'orders:created', channel: 'orders', payloadSchema: items });
  const dates = z.object({ at: z.array(z.date()) });
  // @ts-expect-error dates inside an array
  defineEvent({ name: 'orders:created', channel: 'orders', payloadSchema: dates });
});

test('wrong definitions do not compile', () => {
  // @ts-expect-error a name outside family:verb
  defineEvent({ name: 'orders', channel: 'orders' });
  // @ts-expect-error two colons
  defineEvent({ name: 'orders:a:b', channel: 'orders' });
  // @ts-expect-error a channel that does not parse
  defineEvent({ name: 'orders:created', channel: 'orders//x' });
  // @ts-expect-error a channel of another family
  defineEvent({ name: 'orders:created', channel: 'chat/:room' });
  const dated = z.object({ at: z.date() });
  // @ts-expect-error an output that is not JSON
  defineEvent({ name: 'orders:created', channel: 'orders', payloadSchema: dated });
  const measured = z.string().transform((text) => text.length);
  // @ts-expect-error an output that its own input does not take
  defineEvent({ name: 'orders:created', channel: 'orders', payloadSchema: measured });
  // @ts-expect-error two events of one name
  defineContract({ events: [shipped, created, shipped] });
});

test("the specification's own definition compiles (§8.2)", () => {
  const orderCreatedSchema = z.object({
    orderId: z.string(),
    total: z.number(),
    userId: z.string(),
  });
  const orderCreated: EventDefinition<z.infer<typeof orderCreatedSchema>, { success: boolean }> = {
    name: 'orders:created',
    channel: 'orders',
    payloadSchema: orderCreatedSchema,
    direction: 'BOTH',
    action: async (_ctx, payload) => {
      expectTypeOf(payload).toEqualTypeOf<{ orderId: string; total: number; userId: string }>();
      return { success: true };
    },
  };
  defineContract({ events: [orderCreated, said] });
});

test('an inline action types its result', () => {
  const pinged = defineEvent({
    name: 'lab:pinged',
    channel: 'lab',
    direction: 'CSE',
    action: async () => ({ pong: 1 }),
  });
  const lab = defineContract({ events: [pinged] });
  expectTypeOf<ResultOf<EventNamed<typeof lab, 'lab:pinged'>>>().toEqualTypeOf<{ pong: number }>();
});
