import { PubSubError } from '@hipponot/pubsub-core';
import type { Limits } from '../limits.ts';
import type { Principal } from '../pubsub-options.ts';
import type { Stream, StreamEnd } from './stream.ts';

/** Which streams or channels a revocation ends. */
export interface Revocation {
  readonly userId: string;
  /** An address or a template of the contract. Absent: all of the user's streams end. */
  readonly channel?: string;
}

/** A place among the open streams, taken before the stream is made. Give it back exactly once. */
export interface Seat {
  leave(): void;
}

/** Every open connection of this process, and how many each user has. */
export class Hub {
  readonly streams: Set<Stream> = new Set();
  readonly ends: Map<StreamEnd, number> = new Map();
  readonly #limits: Limits;
  readonly #perUser = new Map<string, number>();
  #seats = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @throws {PubSubError} `too_many_streams` */
  takeSeat(principal: Principal): Seat {
    const userId = principal.user?.id;
    const own = userId === undefined ? 0 : (this.#perUser.get(userId) ?? 0);
    if (this.#seats >= this.#limits.streams || own >= this.#limits.streamsPerUser) {
      const whose = own >= this.#limits.streamsPerUser ? 'This user' : 'This server';
      throw new PubSubError(
        'too_many_streams',
        `${whose} has as many open streams as it may have: close one, or wait.`,
        {
          retryable: true,
          retryAfterMs: 1000 + Math.round(Math.random() * 4000),
        },
      );
    }
    this.#seats += 1;
    if (userId !== undefined) this.#perUser.set(userId, own + 1);
    let taken = true;
    return {
      leave: () => {
        if (!taken) return;
        taken = false;
        this.#seats -= 1;
        if (userId === undefined) return;
        const left = (this.#perUser.get(userId) ?? 1) - 1;
        if (left > 0) this.#perUser.set(userId, left);
        else this.#perUser.delete(userId);
      },
    };
  }

  ended(stream: Stream, end: StreamEnd): void {
    this.streams.delete(stream);
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }

  /** Ends what the revocation names. @param templateOf the template an address belongs to */
  revoke(
    { userId, channel }: Revocation,
    templateOf: (address: string) => string | undefined,
  ): void {
    for (const stream of this.streams) {
      if (stream.principal.user?.id !== userId) continue;
      if (channel === undefined) {
        // It comes back with its credentials, and `authenticate` decides again.
        stream.drain('revoked', Math.round(Math.random() * 1000));
        continue;
      }
      for (const [address, subscription] of stream.subscriptions) {
        if (address !== channel && templateOf(address) !== channel) continue;
        stream.subscriptions.delete(address);
        subscription.refuse({
          code: 'forbidden',
          message: 'The right to this channel was revoked.',
          retryable: false,
        });
      }
    }
  }

  /** Ends every stream within the window, each told to come back at a random moment of its own. */
  async drain(windowMs: number): Promise<void> {
    const streams = [...this.streams];
    const startedAt = performance.now();
    for (const [index, stream] of streams.entries()) {
      const due = (index / streams.length) * windowMs;
      const wait = due - (performance.now() - startedAt);
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      stream.drain('stopping', Math.round(500 + Math.random() * Math.max(2000, windowMs)));
    }
  }
}
