import type { StandardSchemaV1 } from '@standard-schema/spec';
import { familyOf, quote, whyNotEventName, whyNotTemplate } from './channel.ts';
import { PubSubError } from './pubsub-error.ts';
import type { FamilyOf } from './types/channel-types.ts';
import type { DefinedEvent } from './types/contract.ts';
import type { Direction, EventAction } from './types/definition.ts';

// A failed check resolves to an object type that names the fault, so the compiler's message does too.
interface Fault<Message extends string> {
  readonly 'pubsub: this does not fit': Message;
}

type NameCheck<Name extends string> = string extends Name
  ? unknown
  : Name extends `${infer Family}:${infer Verb}`
    ? Family extends '' | `${string}/${string}` | `${string} ${string}` | '__proto__'
      ? Fault<'an event name is `family:verb`'>
      : Verb extends '' | `${string}:${string}` | `${string}/${string}` | `${string} ${string}`
        ? Fault<'an event name is `family:verb`'>
        : unknown
    : Fault<'an event name is `family:verb`'>;

type ChannelCheck<Name extends string, Channel extends string> = string extends Channel
  ? unknown
  : Channel extends
        | ''
        | `/${string}`
        | `${string}/`
        | `${string}//${string}`
        | `${string} ${string}`
        | `:${string}`
    ? Fault<'a channel is `family` or `family/:param`'>
    : string extends Name
      ? unknown
      : Channel extends FamilyOf<Name> | `${FamilyOf<Name>}/${string}`
        ? unknown
        : Fault<"a channel's first segment is the event's family">;

type NotJson =
  | bigint
  | symbol
  | Date
  | ReadonlyMap<never, unknown>
  | ReadonlySet<unknown>
  | ((...args: never) => unknown);

// The depth bound keeps recursive schemas (trees) from recursing for ever in the compiler.
type IsJson<T, Depth extends readonly unknown[] = []> = Depth['length'] extends 5
  ? true
  : unknown extends T
    ? true
    : [T] extends [string | number | boolean | null | undefined]
      ? true
      : [Extract<T, NotJson>] extends [never]
        ? false extends ArePartsJson<Extract<T, object>, [...Depth, unknown]>
          ? false
          : true
        : false;

// Of an array only the items: its methods are no part of what is sent.
type ArePartsJson<T, Depth extends readonly unknown[]> = T extends readonly (infer Item)[]
  ? IsJson<Item, Depth>
  : { [Key in keyof T]: IsJson<T[Key], Depth> }[keyof T];

type PayloadCheck<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema> extends StandardSchemaV1.InferInput<Schema>
    ? IsJson<StandardSchemaV1.InferOutput<Schema>> extends true
      ? unknown
      : Fault<"the schema's output must be JSON: it is what goes over the wire">
    : Fault<"the schema's output must be assignable to its input: clients validate it again">
  : unknown;

/** The argument of {@link defineEvent}. */
export interface EventInput<
  Name extends string,
  Channel extends string,
  Dir extends Direction,
  PayloadSchema extends StandardSchemaV1 | undefined,
  ResultSchema extends StandardSchemaV1 | undefined,
  ActionResult,
> {
  /** `family:verb`, e.g. `orders:created`. */
  name: Name & NameCheck<Name>;
  /** `orders`, or a template such as `orders/:id`; its first segment is the event's family. */
  channel: Channel & ChannelCheck<Name, Channel>;
  /** @default 'SSE' */
  direction?: Dir;
  /** Any Standard Schema. Its output must be JSON and assignable to its input. */
  payloadSchema?: PayloadSchema & PayloadCheck<PayloadSchema>;
  resultSchema?: ResultSchema;
  action?: EventAction<
    PayloadSchema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<PayloadSchema> : unknown,
    ResultSchema extends StandardSchemaV1 ? StandardSchemaV1.InferInput<ResultSchema> : ActionResult
  >;
  description?: string;
  version?: number;
}

/**
 * Defines one event, keeping its literal name, channel and schemas for the contract to infer from.
 * Throws `bad_definition` for what types could not see, naming the offender.
 *
 * @example
 * const orderShipped = defineEvent({
 *   name: 'orders:shipped', channel: 'orders', payloadSchema: z.object({ orderId: z.string() }),
 * });
 */
export function defineEvent<
  const Name extends string,
  const Channel extends string,
  const Dir extends Direction = 'SSE',
  PayloadSchema extends StandardSchemaV1 | undefined = undefined,
  ResultSchema extends StandardSchemaV1 | undefined = undefined,
  ActionResult = void,
>(
  definition: EventInput<Name, Channel, Dir, PayloadSchema, ResultSchema, ActionResult>,
  // `NoInfer`: inside `defineContract({ events: [defineEvent(…)] })` an absent direction would be taken from
  // the array's element type, and be any direction in place of the default.
): DefinedEvent<Name, Channel, NoInfer<Dir>, PayloadSchema, ResultSchema, ActionResult> {
  const event = { direction: 'SSE', ...definition } as unknown as DefinedEvent<
    Name,
    Channel,
    Dir,
    PayloadSchema,
    ResultSchema,
    ActionResult
  >;
  assertDefinition(event);
  return Object.freeze(event);
}

/** Throws `bad_definition` unless name, channel, family and direction are sound. */
export function assertDefinition(event: {
  name: string;
  channel: string;
  direction?: string | undefined;
}): void {
  const nameFault = whyNotEventName(event.name);
  if (nameFault) {
    throw new PubSubError(
      'bad_definition',
      `The event name ${quote(event.name)} is not legal: ${nameFault}.`,
      { path: ['name'] },
    );
  }
  const channelFault = whyNotTemplate(event.channel);
  if (channelFault) {
    throw new PubSubError(
      'bad_definition',
      `The channel ${quote(event.channel)} of event "${event.name}" does not parse: ${channelFault}.`,
      { path: ['channel'] },
    );
  }
  const family = familyOf(event.name);
  if (event.channel.split('/')[0] !== family) {
    throw new PubSubError(
      'bad_definition',
      `The channel "${event.channel}" of event "${event.name}" must start with its family "${family}".`,
      { path: ['channel'] },
    );
  }
  if (!['SSE', 'CSE', 'BOTH', undefined].includes(event.direction)) {
    throw new PubSubError(
      'bad_definition',
      `The direction ${quote(event.direction)} of event "${event.name}" is none of SSE, CSE, BOTH.`,
      { path: ['direction'] },
    );
  }
}
