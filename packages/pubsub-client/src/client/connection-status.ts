import type { PubSubError } from '@hipponot/pubsub-core';

/** Why the connection rests. It resumes when the last reason is gone. */
export type PauseReason = 'hidden' | 'offline' | 'manual';

interface Attempting {
  /** Counts from 1, and anew after a stream that stayed healthy. */
  readonly attempt: number;
  /** While it waits for the next attempt: when that is. */
  readonly retryAt?: number | undefined;
  /** Why the last attempt, or the stream before it, failed. */
  readonly error?: PubSubError | undefined;
}

/** The public state of the connection, each with its own data. Times are epoch milliseconds. */
export type ConnectionStatus =
  /** Nothing is subscribed: no stream is needed. */
  | { readonly state: 'idle' }
  /** Opening for the first time. */
  | ({ readonly state: 'connecting' } & Attempting)
  /** The stream is open and said hello. */
  | { readonly state: 'connected'; readonly since: number; readonly streamId: string }
  /** It was connected before. */
  | ({ readonly state: 'reconnecting' } & Attempting)
  | { readonly state: 'paused'; readonly reasons: readonly PauseReason[] }
  /** The credentials were refused, refreshed once, and refused again: call `client.resume()` with new ones. */
  | { readonly state: 'needs-auth'; readonly error: PubSubError }
  /** It will not try again by itself: call `client.resume()`. */
  | { readonly state: 'failed'; readonly error: PubSubError }
  | { readonly state: 'closed' };

export type ConnectionState = ConnectionStatus['state'];
