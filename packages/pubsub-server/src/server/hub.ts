import { PubSubError, type DeniedFrame } from '@hipponot/pubsub-core';
import type { Limits } from '../limits.ts';
import type { Principal } from '../pubsub-options.ts';
import type { Outlet, Subscription } from './subscription.ts';

/** Why the server ended a stream; `gone`: the client did. */
export type StreamEnd =
  | 'gone'
  | 'slow'
  | 'stalled'
  | 'expired'
  | 'rotation'
  | 'stopping'
  | 'revoked'
  | 'unavailable';

/** An open stream of one client, over HTTP or tRPC. */
export interface Connection extends Outlet {
  /** A plain client resumes its whole stream by one id; it cannot ask again for one channel. */
  readonly plain: boolean;
  readonly subscriptions: Map<string, Subscription>;
  /** Tells the client to reopen after `retryMs` with the same positions, then ends. */
  drain(end: StreamEnd, retryMs: number): void;
}

/** Which streams or channels a revocation ends. */
export interface Revocation {
  readonly userId: string;
  /** An address or a template of the contract. Absent: all of the user's streams end. */
  readonly channel?: string;
}

/** Ends one channel of a stream, saying why. */
export function endChannel(
  connection: Connection,
  subscription: Subscription,
  refusal: Omit<DeniedFrame, 'channel'>,
): void {
  subscription.refuse(refusal);
  // It may have been opened anew meanwhile.
  if (connection.subscriptions.get(subscription.channel) === subscription) {
    connection.subscriptions.delete(subscription.channel);
  }
}

/**
 * Sends a plain client to come back: one that was refused a channel for now would wait on it for ever. An
 * SDK asks again by itself.
 */
export function bringBack(connection: Connection): void {
  if (connection.plain) connection.drain('unavailable', 1000 + Math.round(Math.random() * 2000));
}

// The longest that `setTimeout` takes.
const longestTimerMs = 2 ** 31 - 1;

// Each costs the application its questions again.
const openTries = 5;

/** Every open stream of this process: how many each user has, how long each lives, and what ends them. */
export class Hub {
  /** How many streams ended since the start, by why. */
  readonly ends: Map<StreamEnd, number> = new Map();
  readonly limits: Limits;
  readonly #lifeMs: number;
  readonly #open = new Map<Connection, Principal>();
  /** What ends each stream, or its life. */
  readonly #timers = new Map<Connection, NodeJS.Timeout>();
  /** Those past their life, which serve until their successor does. They count for no bound. */
  readonly #lingering = new Set<Connection>();
  readonly #perUser = new Map<string, number>();
  /** For each stream that is being opened, who was revoked meanwhile. */
  readonly #opening = new Set<Set<string>>();

  /** @param lifeMs the longest a stream lives */
  constructor(limits: Limits, lifeMs: number) {
    this.limits = limits;
    this.#lifeMs = lifeMs;
  }

  /** Every open stream, and whose it is. */
  get open(): ReadonlyMap<Connection, Principal> {
    return this.#open;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Opens a stream for a principal. It ends with its credentials or its life span, whichever is first.
   *
   * @param make gets the function to call once, when the stream is over
   * @throws {PubSubError} `too_many_streams`
   */
  admit<T extends Connection>(
    principal: Principal,
    make: (onEnd: (end: StreamEnd) => void) => T,
  ): T {
    const userId = principal.user?.id;
    this.#assertRoom(userId);
    const connection = make((end) => this.#leave(connection, userId, end));
    this.#open.set(connection, principal);
    this.#count(userId, 1);
    this.#limitLife(connection, principal);
    return connection;
  }

  /**
   * What the task finds out, with no revocation of that user in between: a right that was answered before
   * one is asked again.
   *
   * @throws {PubSubError} `unavailable` if the user was revoked at every try
   */
  async unrevoked<T extends { readonly principal: Principal }>(task: () => Promise<T>): Promise<T> {
    for (let tries = 0; tries < openTries; tries += 1) {
      const revoked = new Set<string>();
      this.#opening.add(revoked);
      try {
        const result = await task();
        const userId = result.principal.user?.id;
        if (userId === undefined || !revoked.has(userId)) return result;
      } finally {
        this.#opening.delete(revoked);
      }
    }
    throw new PubSubError('unavailable', "This user's rights are changing: try again.", {
      retryable: true,
      retryAfterMs: 1000,
    });
  }

  /** Ends what the revocation names. @param templateOf the template an address belongs to */
  revoke(
    { userId, channel }: Revocation,
    templateOf: (address: string) => string | undefined,
  ): void {
    for (const revoked of this.#opening) revoked.add(userId);
    for (const [connection, principal] of this.#open) {
      if (principal.user?.id !== userId) continue;
      if (channel === undefined) {
        // It comes back with its credentials, and `authenticate` decides again.
        connection.drain('revoked', Math.round(Math.random() * 1000));
        continue;
      }
      for (const [address, subscription] of connection.subscriptions) {
        if (address !== channel && templateOf(address) !== channel) continue;
        endChannel(connection, subscription, {
          code: 'forbidden',
          message: 'The right to this channel was revoked.',
          retryable: false,
        });
      }
    }
  }

  /** Ends every stream within the window, each told to come back at a random moment of its own. */
  async drain(windowMs: number): Promise<void> {
    const connections = [...this.#open.keys()];
    const startedAt = performance.now();
    for (const [index, connection] of connections.entries()) {
      const due = (index / connections.length) * windowMs;
      const wait = due - (performance.now() - startedAt);
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      connection.drain('stopping', Math.round(500 + Math.random() * Math.max(2000, windowMs)));
    }
  }

  #assertRoom(userId: string | undefined): void {
    const own = userId === undefined ? 0 : (this.#perUser.get(userId) ?? 0);
    const { streams, streamsPerUser } = this.limits;
    if (this.#open.size - this.#lingering.size < streams && own < streamsPerUser) return;
    const whose = own >= streamsPerUser ? 'This user' : 'This server';
    throw new PubSubError(
      'too_many_streams',
      `${whose} has as many open streams as it may have: close one, or wait.`,
      { retryable: true, retryAfterMs: 1000 + Math.round(Math.random() * 4000) },
    );
  }

  #limitLife(connection: Connection, { user, expiresInMs = Infinity }: Principal): void {
    // Jittered, so that streams opened together after a deploy don't all come back together.
    const lifeMs = Math.min(this.#lifeMs * (0.8 + Math.random() / 5), longestTimerMs);
    const expiresAt = performance.now() + expiresInMs;
    if (expiresInMs <= lifeMs) this.#endAfter(connection, expiresInMs, 'expired');
    else this.#after(connection, lifeMs, () => this.#rotate(connection, user?.id, expiresAt));
  }

  /** Make before break: what can open its successor beside it is served until then. */
  #rotate(connection: Connection, userId: string | undefined, expiresAt: number): void {
    const retryMs = Math.round(Math.random() * 1000);
    if (connection.plain) return connection.drain('rotation', retryMs);
    this.#lingering.add(connection);
    this.#count(userId, -1);
    connection.control('drain', { retryMs, reason: 'rotation' });
    // Told so, a connection that does not read may have been dropped.
    if (!this.#open.has(connection)) return;
    const lingerMs = Math.min(retryMs + this.limits.lingerMs, longestTimerMs);
    const leftMs = expiresAt - performance.now();
    if (leftMs <= lingerMs) this.#endAfter(connection, leftMs, 'expired');
    else this.#endAfter(connection, lingerMs, 'rotation');
  }

  #endAfter(connection: Connection, ms: number, end: StreamEnd): void {
    this.#after(connection, ms, () => connection.drain(end, 0));
  }

  #after(connection: Connection, ms: number, task: () => void): void {
    this.#timers.set(connection, setTimeout(task, ms));
  }

  #leave(connection: Connection, userId: string | undefined, end: StreamEnd): void {
    clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
    if (!this.#open.delete(connection)) return;
    const lingered = this.#lingering.delete(connection);
    // Its client left it for the successor.
    const why = lingered && end === 'gone' ? 'rotation' : end;
    this.ends.set(why, (this.ends.get(why) ?? 0) + 1);
    if (!lingered) this.#count(userId, -1);
  }

  #count(userId: string | undefined, change: number): void {
    if (userId === undefined) return;
    const count = (this.#perUser.get(userId) ?? 0) + change;
    if (count > 0) this.#perUser.set(userId, count);
    else this.#perUser.delete(userId);
  }
}
