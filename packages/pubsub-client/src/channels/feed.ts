import type { Cursor, EventEnvelope, PubSubError } from '@hipponot/pubsub-core';
import type { ChannelHandlers } from '../client/pubsub-client.ts';
import type { Listeners } from '../listeners.ts';
import type { Recovery, SubscriptionStatus } from './channel-snapshot.ts';

/** What a store's listeners are told. */
export interface Listener extends ChannelHandlers<EventEnvelope> {
  /** The snapshot is another one. */
  onChange?(): void;
}

/** One store, as its feed knows it while it has listeners. */
export interface Reader {
  readonly history: number;
  readonly limit: number;
  /** The feed that `since` and `lacks` speak of. */
  feed: Feed | undefined;
  /** The index of the first event that is not history to it. */
  since: number;
  /** It wants more history than the stream brings. */
  lacks: boolean;
  readonly listeners: Listeners<Listener>;
}

/** Events shown behind those of the log. The base client knows no more of optimistic emits than this. */
export interface Overlay {
  readonly events: readonly EventEnvelope[];
  /** The feed's position moved, or this event arrived. Says whether the event takes the place of one shown. */
  passed(feed: Feed, event?: EventEnvelope): boolean;
}

/**
 * The one subscription of an address, shared by its stores. Events carry running indexes, so that each
 * store sees its own part of one list: `events[0]` has the index `first`.
 */
export interface Feed {
  /** Tells it from an earlier subscription of the same address. */
  readonly id: number;
  readonly channel: string;
  readonly readers: Set<Reader>;
  /** The most events that a store of it shows. */
  limit: number;
  /** The stream that delivers it: the newest that answered for it. */
  owner: number;
  /** The last event handed to the application. */
  position?: Cursor | undefined;
  status: SubscriptionStatus;
  recovery?: Recovery;
  error?: PubSubError | undefined;
  events: EventEnvelope[];
  first: number;
  overlay?: Overlay;
  /** The position that the last stream was opened with. */
  asked?: Cursor | undefined;
  /** The position that its owner was opened with. */
  base?: Cursor | undefined;
  /** The history that the last stream was asked to begin with. */
  begun: number;
  /** Up to this offset a replayed event is history. */
  top: number;
  /** Grows with every change. */
  version: number;
  /** The timer that ends it, while nobody listens. */
  grace?: unknown;
  /** The snapshot is another one now. */
  changed(): void;
}

/** The index after the newest event. */
export function endOf(feed: Feed): number {
  return feed.first + feed.events.length;
}

/** Does `cursor` lie at or behind the position? Positions of two epochs have no order. */
export function covers(position: Cursor | undefined, cursor: Cursor | undefined): boolean {
  return !!position && position.epoch === cursor?.epoch && cursor.offset <= position.offset;
}

/**
 * Was it told before? It lies at or behind the position, or in the log that the owner was asked for more
 * of: the owner is behind, another stream has since told that this log is gone.
 */
export function isPast({ position, base }: Feed, cursor: Cursor | undefined): boolean {
  const wasLeft = !!cursor && cursor.epoch === base?.epoch && cursor.epoch !== position?.epoch;
  return wasLeft || covers(position, cursor);
}

/** Moves the position on within its epoch, never back. */
export function moveOn(feed: Feed, to: Cursor | undefined): void {
  if (covers(to, feed.position)) feed.position = to;
  feed.overlay?.passed(feed);
}
