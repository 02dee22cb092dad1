import type { PubSubError } from '@hipponot/pubsub-core';

/** Why the connection rests. It resumes when the last reason is gone. */
export type PauseReason = 'hidden' | 'offline' | 'manual';

/** The public state of the connection, each with its own data. Times are epoch milliseconds. */
export type ConnectionStatus =
  /** Nothing is subscribed: no stream is needed. */
  | { readonly state: 'idle' }
  /** Opening for the first time; `retryAt` while it waits for the next attempt. */
  | { readonly state: 'connecting'; readonly attempt: number; readonly retryAt?: number; readonly error?: PubSubError }
  /** The stream is open and said hello. */
  | { readonly state: 'connected'; readonly since: number; readonly streamId: string }
  /** It was connected before; `retryAt` while it waits for the next attempt. */
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly retryAt?: number; readonly error?: PubSubError }
  | { readonly state: 'paused'; readonly reasons: readonly PauseReason[] }
  /** The credentials were refused, refreshed once, and refused again: call `client.resume()` with new ones. */
  | { readonly state: 'needs-auth'; readonly error: PubSubError }
  /** It will not try again by itself: call `client.resume()`. */
  | { readonly state: 'failed'; readonly error: PubSubError }
  | { readonly state: 'closed' };

export type ConnectionState = ConnectionStatus['state'];
