import type { Cursor, EventEnvelope, PubSubError, RecoveryOutcome } from '@hipponot/pubsub-core';

/** The state of one channel's subscription. */
export type SubscriptionStatus =
  | 'unsubscribed'
  | 'subscribing'
  | 'replaying'
  | 'live'
  | 'denied'
  | 'error'
  | 'closed';

/** How the last (re)subscribe went: once per attach, and again when a gap opens on a live channel. */
export interface Recovery {
  readonly outcome: RecoveryOutcome;
  /** Events replayed so far; final once the channel is `live`. */
  readonly replayed: number;
  /** The position delivery was resumed from; absent when fresh. */
  readonly from?: Cursor | undefined;
  /** The position after the last replayed event; absent until the channel is `live`. */
  readonly to?: Cursor | undefined;
  /** Why it is a `gap` or a `reset`. */
  readonly reason?: string | undefined;
}

/** What the client adds to an envelope's `meta` on arrival. */
export interface ArrivalMeta {
  /** An own emit, shown before the server confirmed it. */
  readonly optimistic?: true;
  /** Delivered while catching up, not live. */
  readonly replayed?: true;
}

/** What a channel's readers see. A new object whenever anything in it changed, never mutated. */
export interface ChannelSnapshot<Event extends EventEnvelope = EventEnvelope> {
  /** Oldest first; the newest `limit`; own optimistic events at the end. */
  readonly events: readonly Event[];
  readonly latest: Event | undefined;
  readonly status: SubscriptionStatus;
  readonly recovery: Recovery | undefined;
  /** Why it is `denied` or `error`, or the last payload that did not fit its schema. */
  readonly error: PubSubError | undefined;
}
