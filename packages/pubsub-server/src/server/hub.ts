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

/** Every open stream of this process: how many each user has, how long each lives, and what ends them. */
export class Hub {
  /** How many streams ended since the start, by why. */
  readonly ends: Map<StreamEnd, number> = new Map();
  readonly #limits: Limits;
  readonly #lifeMs: number;
  readonly #open = new Map<Connection, Principal>();
  readonly #perUser = new Map<string, number>();
  #revocations = 0;

  /** @param lifeMs the longest a stream lives */
  constructor(limits: Limits, lifeMs: number) {
    this.#limits = limits;
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
    const connection = make((end) => {
      clearTimeout(timer);
      if (!this.#open.delete(connection)) return;
      this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
      if (userId !== undefined) this.#count(userId, -1);
    });
    const timer = this.#limitLife(connection, principal);
    this.#open.set(connection, principal);
    if (userId !== undefined) this.#count(userId, 1);
    return connection;
  }

  /**
   * What the task finds out, with no revocation in between: a right that was answered before one is asked
   * again.
   */
  async unrevoked<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#revocations;
      const result = await task();
      if (this.#revocations === before) return result;
    }
  }

  /** Ends what the revocation names. @param templateOf the template an address belongs to */
  revoke(
    { userId, channel }: Revocation,
    templateOf: (address: string) => string | undefined,
  ): void {
    this.#revocations += 1;
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
    const { streams, streamsPerUser } = this.#limits;
    if (this.#open.size < streams && own < streamsPerUser) return;
    const whose = own >= streamsPerUser ? 'This user' : 'This server';
    throw new PubSubError(
      'too_many_streams',
      `${whose} has as many open streams as it may have: close one, or wait.`,
      { retryable: true, retryAfterMs: 1000 + Math.round(Math.random() * 4000) },
    );
  }

  #limitLife(connection: Connection, { expiresInMs = Infinity }: Principal): NodeJS.Timeout {
    // Jittered, so that streams opened together after a deploy don't all come back together.
    const lifeMs = this.#lifeMs * (0.8 + Math.random() / 5);
    const end = expiresInMs <= lifeMs ? 'expired' : 'rotation';
    const retryMs = end === 'expired' ? 0 : Math.round(Math.random() * 1000);
    const ms = Math.min(expiresInMs, lifeMs, 2 ** 31 - 1);
    return setTimeout(() => connection.drain(end, retryMs), ms);
  }

  #count(userId: string, change: number): void {
    const count = (this.#perUser.get(userId) ?? 0) + change;
    if (count > 0) this.#perUser.set(userId, count);
    else this.#perUser.delete(userId);
  }
}
