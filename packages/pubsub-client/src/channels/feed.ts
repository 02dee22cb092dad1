import type { Cursor, EventEnvelope, PubSubError } from '@hipponot/pubsub-core';
import type { ChannelHandlers } from '../client/pubsub-client.ts';
import type { Recovery, SubscriptionStatus } from './channel-snapshot.ts';

/** An own emit that is shown before its echo. */
export interface OwnEvent {
  readonly envelope: EventEnvelope;
  /** Where the server's ack put it: once the position is there, the echo has come or never will. */
  cursor?: Cursor | undefined;
  /** It is shown no more. */
  passed(): void;
}

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
  // Wrapped, so that the same object twice is two listeners, each with its own undo.
  readonly listeners: Set<{ readonly on: Listener }>;
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
  position: Cursor | undefined;
  status: SubscriptionStatus;
  recovery: Recovery | undefined;
  error: PubSubError | undefined;
  events: EventEnvelope[];
  first: number;
  own: readonly OwnEvent[];
  /** The history that the last stream was asked for. */
  asked: number;
  /** Up to this offset a replayed event is history. */
  top: number;
  /** Grows with every change. */
  version: number;
  /** The timer that ends it, while nobody listens. */
  grace: unknown;
}

export function createFeed(id: number, channel: string): Feed {
  return {
    id,
    channel,
    readers: new Set(),
    limit: 0,
    owner: 0,
    position: undefined,
    status: 'subscribing',
    recovery: undefined,
    error: undefined,
    events: [],
    first: 0,
    own: [],
    asked: 0,
    top: -1,
    version: 0,
    grace: undefined,
  };
}

/** The index after the newest event. */
export function endOf(feed: Feed): number {
  return feed.first + feed.events.length;
}

/** Does `cursor` lie at or behind the position? Positions of two epochs have no order. */
export function covers(position: Cursor | undefined, cursor: Cursor): boolean {
  return position?.epoch === cursor.epoch && cursor.offset <= position.offset;
}

/** Moves the position on within its epoch, never back. Own events whose echo is behind it are gone. */
export function moveOn(feed: Feed, to: Cursor | undefined): void {
  if (to && feed.position?.epoch === to.epoch && to.offset > feed.position.offset) feed.position = to;
  dropPassed(feed);
}

/** Drops own events whose echo has come, or can come no more. */
export function dropPassed(feed: Feed): void {
  const { position } = feed;
  dropOwn(feed, ({ cursor }) => !!cursor && (cursor.epoch !== position?.epoch || covers(position, cursor)));
}

/** Takes own events out of the snapshots, and says so to whoever emitted them. */
export function dropOwn(feed: Feed, isGone: (own: OwnEvent) => boolean): void {
  const gone = feed.own.filter(isGone);
  if (!gone.length) return;
  feed.own = feed.own.filter((own) => !gone.includes(own));
  for (const own of gone) own.passed();
}
