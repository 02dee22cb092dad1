import { PubSubError, type Deliver } from '@hipponot/pubsub-core';
import { ChannelLog } from './channel-log.ts';
import { FanOut } from './fan-out.ts';
import type { MemoryOptions } from './memory-options.ts';

/** A sweep looks at no more channels than this, and goes on where the last one ended. */
const channelsPerSweep = 2000;

/** A channel's log and its live subscribers. */
export interface StoredLog {
  readonly log: ChannelLog;
  readonly fanOut: FanOut;
  /** When it was last used, in epoch milliseconds. */
  usedAt: number;
}

/** All logs by channel, bounded in number; the longest idle one gives way. */
export class LogStore {
  readonly #options: Required<MemoryOptions>;
  readonly #logs = new Map<string, StoredLog>();
  // Those without a subscriber, longest idle first: the only ones that may be evicted.
  readonly #idle = new Set<StoredLog>();
  #sweeping: Iterator<StoredLog> = this.#logs.values();

  constructor(options: Required<MemoryOptions>) {
    this.#options = options;
  }

  peek(channel: string): StoredLog | undefined {
    return this.#logs.get(channel);
  }

  /** The channel's log, created where there is none. @throws {PubSubError} `overflow` */
  use(channel: string, now: number): StoredLog {
    const stored = this.#logs.get(channel) ?? this.#create(channel, now);
    this.#touch(stored, now);
    return stored;
  }

  /** Adds a live subscriber; while it stays, the log is not evicted. */
  subscribe(channel: string, deliver: Deliver): () => void {
    const stored = this.use(channel, this.#options.now());
    const remove = stored.fanOut.add(deliver, stored.log.top.offset);
    this.#idle.delete(stored);
    return () => {
      remove();
      // After a stop the log is no longer ours, and must not come back as an idle one.
      if (this.#logs.get(channel) === stored) this.#touch(stored, this.#options.now());
    };
  }

  /** Drops expired events, and logs whose position has outlived its time. */
  sweep(now: number): void {
    for (let visited = 0; visited < channelsPerSweep; visited += 1) {
      const next = this.#sweeping.next();
      if (next.done) {
        this.#sweeping = this.#logs.values();
        break;
      }
      next.value.log.expire(now);
    }
    let visited = 0;
    for (const stored of this.#idle) {
      if (now - stored.usedAt < this.#options.positionTtlMs || (visited += 1) > channelsPerSweep)
        break;
      if (stored.log.size === 0) this.#evict(stored);
    }
  }

  clear(): void {
    for (const { fanOut } of this.#logs.values()) fanOut.clear();
    this.#logs.clear();
    this.#idle.clear();
    this.#sweeping = this.#logs.values();
  }

  #create(channel: string, now: number): StoredLog {
    const { idempotencyWindowMs, maxIdsPerChannel, maxChannels } = this.#options;
    if (this.#logs.size >= maxChannels) {
      const [longestIdle] = this.#idle;
      if (!longestIdle) {
        throw new PubSubError(
          'overflow',
          `All ${maxChannels} channels of the memory adapter have subscribers, so "${channel}" finds no place: raise \`maxChannels\`.`,
          { retryable: true },
        );
      }
      this.#evict(longestIdle);
    }
    const log = new ChannelLog(channel, idempotencyWindowMs, maxIdsPerChannel);
    const stored = { log, fanOut: new FanOut(), usedAt: now };
    this.#logs.set(channel, stored);
    return stored;
  }

  #touch(stored: StoredLog, now: number): void {
    stored.usedAt = now;
    if (stored.fanOut.size > 0) return;
    this.#idle.delete(stored);
    this.#idle.add(stored);
  }

  #evict(stored: StoredLog): void {
    this.#idle.delete(stored);
    this.#logs.delete(stored.log.channel);
  }
}
