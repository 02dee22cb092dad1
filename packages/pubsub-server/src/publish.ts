import {
  assertAddress,
  matchTemplate,
  PubSubError,
  quote,
  type AnyContract,
  type AnyEvent,
  type Cursor,
  type EventMeta,
  type PubSubAdapter,
} from '@hipponot/pubsub-core';
import type { PolicyMap } from './authorize.ts';
import { listed } from './listed.ts';
import { validate } from './validate.ts';

/** Where a publish went. */
export interface PublishReceipt {
  /** The event's id. */
  readonly id: string;
  readonly cursor: Cursor;
  /** An event of this id was published before: the cursor is the first one's. */
  readonly duplicate: boolean;
}

/** One event on its way into the log. */
export interface Publication {
  readonly name: string;
  readonly payload: unknown;
  readonly channel?: string | undefined;
  readonly id?: string | undefined;
  readonly meta?: EventMeta | undefined;
  /** What a repeat is told by, where clients choose the id. @default the id */
  readonly repeatKey?: string | undefined;
}

/** What publishing needs of its server. */
export interface PublishDeps {
  readonly contract: AnyContract;
  readonly adapter: PubSubAdapter;
  readonly policies: PolicyMap;
  readonly eventBytes: number;
  readonly generateId: () => string;
  readonly ready: () => Promise<void>;
}

const idPattern = /^[!-~]{1,128}$/;

/** The definition of an event. @throws {PubSubError} `unknown_event` */
export function eventOf(contract: AnyContract, name: unknown): AnyEvent {
  const event = typeof name === 'string' ? contract.event(name) : undefined;
  if (!event)
    throw new PubSubError(
      'unknown_event',
      `The contract has no event ${quote(name)}: it has ${listed(contract.events.map((each) => each.name))}.`,
      { path: ['name'] },
    );
  return event;
}

/**
 * The address an event goes to: the one given, which must belong to the event's template, or the template
 * itself where it has no parameters.
 *
 * @throws {PubSubError} `bad_request` where it has to be given, `bad_channel` where it does not fit
 */
export function addressOf(contract: AnyContract, event: AnyEvent, channel: unknown): string {
  const path = ['channel'];
  if (channel === undefined) {
    if (!event.channel.includes(':')) return event.channel;
    throw new PubSubError(
      'bad_request',
      `The event "${event.name}" needs a channel: its template is "${event.channel}".`,
      { path },
    );
  }
  assertAddress(channel, path);
  // A literal template wins over a parameter: `orders/new` is no address of `orders/:id` if both exist.
  if (
    !matchTemplate(event.channel, channel) ||
    contract.match(channel)?.template !== event.channel
  ) {
    throw new PubSubError(
      'bad_channel',
      `The event "${event.name}" does not go to ${quote(channel)}: its template is "${event.channel}".`,
      { path },
    );
  }
  return channel;
}

/** Validates, wraps, stores and thereby fans out one event. Settles once the adapter holds it. */
export async function publishEvent(
  publication: Publication,
  deps: PublishDeps,
): Promise<PublishReceipt> {
  const event = eventOf(deps.contract, publication.name);
  if (event.direction === 'CSE') {
    throw new PubSubError(
      'bad_request',
      `The event "${event.name}" is client to server only: nothing publishes it.`,
      { path: ['name'] },
    );
  }
  const channel = addressOf(deps.contract, event, publication.channel);
  // A schema that answers at once costs no await, so that calls made one after another keep their order.
  const checked = validate(event.payloadSchema, publication.payload, ['payload']);
  const payload = checked instanceof Promise ? await checked : checked;
  const { id = deps.generateId(), meta, repeatKey = id } = publication;
  if (!idPattern.test(id)) {
    throw new PubSubError(
      'bad_request',
      `The id ${quote(id)} is not 1 to 128 visible ASCII characters.`,
      { path: ['id'] },
    );
  }
  return store(
    { name: event.name, template: event.channel, channel, payload, id, meta, repeatKey },
    deps,
  );
}

/** An event whose payload is the schema's output, on an address that fits. */
export interface CheckedEvent {
  readonly name: string;
  readonly template: string;
  readonly channel: string;
  readonly payload: unknown;
  readonly id: string;
  readonly meta?: EventMeta | undefined;
  readonly repeatKey: string;
}

/** Wraps and stores a checked event. @throws {PubSubError} `event_too_large`, `unavailable`, … */
export async function store(event: CheckedEvent, deps: PublishDeps): Promise<PublishReceipt> {
  const json = encodeEnvelope(event, deps);
  const { name, template, channel, id, repeatKey } = event;
  await deps.ready();
  const retention = deps.policies.get(template)?.retention;
  try {
    const record = { id: repeatKey, json, ...(retention ? { retention } : {}) };
    const { cursor, duplicate } = await deps.adapter.publish(channel, record);
    return { id, cursor, duplicate };
  } catch (cause) {
    throw unavailable(
      `The event "${name}" was not published: the ${deps.adapter.name} adapter refused it.`,
      cause,
    );
  }
}

/** The envelope as JSON, the only time it is serialised. @throws {PubSubError} `event_too_large` or `bad_payload` */
export function encodeEnvelope(
  { id, name, channel, payload, meta }: CheckedEvent,
  { eventBytes, adapter }: PublishDeps,
): string {
  const most = Math.min(eventBytes, adapter.capabilities.maxEventBytes ?? Infinity);
  const json = encode(name, {
    id,
    name,
    channel,
    payload: payload ?? null,
    timestamp: new Date().toISOString(),
    ...(meta ? { meta } : {}),
  });
  const bytes = Buffer.byteLength(json);
  if (bytes <= most) return json;
  throw new PubSubError(
    'event_too_large',
    `The event "${name}" is ${bytes} bytes of JSON, over the limit of ${most}.`,
    { path: ['payload'] },
  );
}

function encode(name: string, envelope: object): string {
  try {
    return JSON.stringify(envelope);
  } catch (cause) {
    // A cycle or a BigInt.
    throw new PubSubError('bad_payload', `The event "${name}" is not JSON.`, {
      cause,
      path: ['payload'],
    });
  }
}

/** A refusal of the backend: a later try may succeed. */
export function unavailable(message: string, cause: unknown): PubSubError {
  return new PubSubError('unavailable', message, { cause, retryable: true, retryAfterMs: 1000 });
}
