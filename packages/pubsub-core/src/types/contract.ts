import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AddressOf, FamilyOf, Matches } from './channel-types.ts';
import type { Direction, EventDefinition } from './definition.ts';
import type { PubSubError } from '../pubsub-error.ts';
import type { EventEnvelope, EventName } from './event.ts';

/** Any event definition, from `defineEvent` or written as the specification's `EventDefinition`. */
export interface AnyEvent {
  readonly name: string;
  readonly channel: string;
  readonly direction?: Direction;
  readonly payloadSchema?: StandardSchemaV1 | undefined;
  readonly resultSchema?: StandardSchemaV1 | undefined;
  // `never` parameters: any concrete action fits, none can be called without knowing its definition.
  readonly action?: ((ctx: never, payload: never, opts?: never) => Promise<unknown>) | undefined;
  readonly description?: string;
  readonly version?: number;
}

/** What `defineEvent` returns: the definition with its literal name, channel and direction kept. */
export interface DefinedEvent<
  Name extends string,
  Channel extends string,
  Dir extends Direction,
  PayloadSchema extends StandardSchemaV1 | undefined,
  ResultSchema extends StandardSchemaV1 | undefined,
  ActionResult,
> extends AnyEvent {
  readonly name: Name;
  readonly channel: Channel;
  readonly direction: Dir;
  readonly payloadSchema: PayloadSchema;
  readonly resultSchema: ResultSchema;
  /** Type only: what the inline action returns. */
  readonly '~result'?: ActionResult;
}

/** The address an event goes to, and the template and parameters it was matched by. */
export interface ChannelMatch {
  readonly template: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The one typed description of channels and events, shared by server and client. */
export interface Contract<Events extends readonly AnyEvent[] = readonly AnyEvent[]> {
  readonly events: Events;
  /** The definition of an event name, or `undefined`. */
  event(name: string): AnyEvent | undefined;
  /**
   * What is wrong with a payload of this event: `bad_payload` with path and issues. `undefined` if
   * nothing is, if the contract does not know, or if the schema is asynchronous: nothing here waits. It
   * stands here so that a client with the contract's type alone carries no byte of it.
   */
  check(name: string, payload: unknown): PubSubError | undefined;
  /** The template an address belongs to, or `undefined` if no event declares one. */
  match(channel: string): ChannelMatch | undefined;
  /** Every channel template, once. */
  readonly templates: readonly string[];
}

/** A contract of any events: the bound for generic code. */
export type AnyContract = Contract<readonly AnyEvent[]>;

type EventsOf<C extends AnyContract> = C['events'][number];

// Definitions annotated as the specification's `EventDefinition` have the name `string`: usable at run
// time, and in `PublishName`; invisible to typed routing.
type Literal<E extends AnyEvent> = E extends AnyEvent
  ? string extends E['name']
    ? never
    : E
  : never;

/** The definition of one event name. */
export type EventNamed<C extends AnyContract, Name extends string> = Extract<
  Literal<EventsOf<C>>,
  { readonly name: Name }
>;

/** Every event name of the contract. */
export type EventNameOf<C extends AnyContract> = Literal<EventsOf<C>>['name'] & EventName;

/** Names a client may emit: direction `CSE` or `BOTH`. */
export type EmittableName<C extends AnyContract> = Extract<
  Literal<EventsOf<C>>,
  { readonly direction?: 'CSE' | 'BOTH' }
>['name'] &
  EventName;

/** Names a server may publish and a client may hear: direction `SSE` or `BOTH`. */
export type PublishableName<C extends AnyContract> = Extract<
  Literal<EventsOf<C>>,
  { readonly direction?: 'SSE' | 'BOTH' }
>['name'] &
  EventName;

// `EventName` where some definition has a name that only the run time knows.
type WideName<C extends AnyContract> =
  EventsOf<C> extends infer E
    ? E extends { readonly name: string }
      ? string extends E['name']
        ? EventName
        : never
      : never
    : never;

/**
 * Names a server may publish, with those of definitions annotated as the specification's
 * `EventDefinition`: their names are `string`, so any name has to do, and is checked at run time.
 */
export type PublishName<C extends AnyContract> = PublishableName<C> | WideName<C>;

/**
 * Payload and options of a publish: typed where the name is a literal of the contract, unknown where only
 * the run time knows it.
 */
export type PublishArgs<C extends AnyContract, Name extends string, Options> = [Name] extends [
  PublishableName<C>,
]
  ? [payload: PayloadInputOf<EventNamed<C, Name>>, ...options: AddressArgs<C, Name, Options>]
  : [Name] extends [EventNameOf<C>]
    ? [payload: never]
    : [payload: unknown, options?: Options & { channel?: string }];

/** What subscribers get as `payload`: the schema's output. */
export type PayloadOf<E extends AnyEvent> = E extends {
  readonly payloadSchema: infer Schema extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferOutput<Schema>
  : E extends EventDefinition<infer Payload, infer _Result>
    ? Payload
    : unknown;

/** What may be passed to `publish` and `emit`: the schema's input. */
export type PayloadInputOf<E extends AnyEvent> = E extends {
  readonly payloadSchema: infer Schema extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferInput<Schema>
  : PayloadOf<E>;

/** What the event's action answers. */
export type ResultOf<E extends AnyEvent> = E extends {
  readonly resultSchema: infer Schema extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferOutput<Schema>
  : E extends { readonly '~result'?: infer Result }
    ? Exclude<Result, undefined>
    : void;

/** Every address a client may name: `'orders' | `chat/${string}``. */
export type ChannelOf<C extends AnyContract> = AddressOf<Literal<EventsOf<C>>['channel']>;

/** The template of an event name. */
export type TemplateOf<C extends AnyContract, Name extends string> = EventNamed<C, Name>['channel'];

/** The addresses one event name may go to. */
export type ChannelFor<C extends AnyContract, Name extends string> = AddressOf<TemplateOf<C, Name>>;

/** The envelope of one event name. */
export type EnvelopeNamed<C extends AnyContract, Name extends string> =
  EventNamed<C, Name> extends infer E
    ? E extends AnyEvent & { readonly name: EventName }
      ? EventEnvelope<E['name'], PayloadOf<E>>
      : never
    : never;

/** The union of envelopes that arrive on an address. */
export type EnvelopeOn<C extends AnyContract, Channel extends string> =
  Literal<EventsOf<C>> extends infer E
    ? E extends AnyEvent & { readonly name: EventName }
      ? [E['direction']] extends ['CSE']
        ? never
        : Matches<E['channel'], Channel> extends true
          ? EventEnvelope<E['name'], PayloadOf<E>>
          : never
      : never
    : never;

/**
 * `true` where publish and emit of this name need `{ channel }`: unless its template is the family alone,
 * which is all that a client without the contract can tell from the name.
 */
export type NeedsChannel<C extends AnyContract, Name extends string> = [
  TemplateOf<C, Name>,
] extends [FamilyOf<Name>]
  ? false
  : true;

/** The rest arguments that carry the address: required unless the template is the family alone. */
export type AddressArgs<C extends AnyContract, Name extends string, Options> =
  NeedsChannel<C, Name> extends true
    ? [options: Options & { channel: ChannelFor<C, Name> }]
    : [options?: Options & { channel?: ChannelFor<C, Name> }];
