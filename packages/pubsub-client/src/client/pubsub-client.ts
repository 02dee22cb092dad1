import type {
  AddressArgs,
  AnyContract,
  ChannelOf,
  Cursor,
  EmittableName,
  EnvelopeOn,
  EventEnvelope,
  EventNamed,
  PayloadInputOf,
  PubSubError,
  ResultOf,
} from '@hipponot/pubsub-core';
import type { ChannelSnapshot, Recovery } from '../channels/channel-snapshot.ts';
import type { Feed } from '../channels/feed.ts';
import type { TapRecord } from '../tap.ts';
import type { ConnectionStatus } from './connection-status.ts';

/** Something to read and to be told of, as `useSyncExternalStore` takes it. */
export interface Readable<T> {
  getSnapshot(): T;
  /** Calls `listener` after each change; returns its own undo. */
  subscribe(listener: () => void): () => void;
}

/** How a channel's store is read. */
export interface ChannelOptions {
  /** Events from before the subscription to begin with, at most 1000. For the snapshot: listeners hear none of them. @default 0 */
  readonly history?: number;
  /** The most events the snapshot holds; the oldest go first. @default 100, or `history` if that is more */
  readonly limit?: number;
}

/**
 * Calls for one channel, outside any snapshot: each event from the subscription on, in order, once. A
 * handler that throws is reported and harms only itself.
 */
export interface ChannelHandlers<Event extends EventEnvelope> {
  onEvent?(event: Event, cursor: Cursor): void;
  /** Before the next event, when events were lost (`gap`) or the log was recreated (`reset`). */
  onGap?(recovery: Recovery): void;
  onRecovery?(recovery: Recovery): void;
  onError?(error: PubSubError): void;
}

/**
 * The live view of one channel. Attached to the stream while it has listeners: the first one attaches,
 * the last one leaving starts the grace delay.
 */
export interface ChannelStore<Event extends EventEnvelope = EventEnvelope> extends Readable<
  ChannelSnapshot<Event>
> {
  readonly channel: string;
  /** Calls the handlers for each event as it arrives, also without a snapshot reader. Returns its undo. */
  listen(handlers: ChannelHandlers<Event>): () => void;
  /** @internal Where own events are shown at once; `undefined` where the channel is not subscribed. */
  '~feed'?(): Feed | undefined;
}

export interface EmitOptions {
  /** Makes the emit safe to repeat. @default a new UUID */
  readonly id?: string;
  readonly signal?: AbortSignal;
}

/** The server's ack. */
export interface EmitReceipt<Result> {
  readonly id: string;
  /** What the action answered. */
  readonly result: Result;
  /** Where the event stands in its channel; absent for direction `CSE`. */
  readonly cursor?: Cursor | undefined;
  /** The server had run this id before. */
  readonly duplicate: boolean;
}

/** A page of a channel's log. */
export interface HistoryPage<Event extends EventEnvelope> {
  readonly events: readonly (Event & { readonly cursor: Cursor })[];
  readonly outcome: 'ok' | 'gap' | 'reset';
  readonly from: Cursor;
  readonly top: Cursor;
  readonly more: boolean;
}

/** One client: one stream, many channels. */
export interface PubSubClient<C extends AnyContract> {
  readonly connection: Readable<ConnectionStatus>;
  /**
   * The channel's live view. Stores of the same address share one subscription.
   *
   * @throws {PubSubError} `bad_channel` for an illegal address
   */
  channel<const Channel extends ChannelOf<C>>(
    channel: Channel,
    options?: ChannelOptions,
  ): ChannelStore<EnvelopeOn<C, Channel>>;
  /** Sends the event and resolves with the server's ack. Rejects with a {@link PubSubError}. */
  emit<const Name extends EmittableName<C>>(
    name: Name,
    payload: PayloadInputOf<EventNamed<C, Name>>,
    ...options: AddressArgs<C, Name, EmitOptions>
  ): Promise<EmitReceipt<ResultOf<EventNamed<C, Name>>>>;
  /** Reads a page of a channel's log by a request of its own. */
  history<const Channel extends ChannelOf<C>>(
    channel: Channel,
    options?: { readonly after?: Cursor; readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<HistoryPage<EnvelopeOn<C, Channel>>>;
  /** Ends the stream and keeps every position. */
  pause(): void;
  /** Opens it again: after `pause()`, `needs-auth` or `failed`. */
  resume(): void;
  /** Reads every connection change, delivery and emit, for tools. Returns its undo. */
  tap(listener: (record: TapRecord) => void): () => void;
  /** At once: no request, timer, callback or listener is left. Idempotent. */
  close(): void;
}
