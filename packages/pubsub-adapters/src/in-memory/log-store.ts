import {
  PubSubError,
  type Deliver,
  type LogEntry,
  type PublishReceipt,
  type PublishRecord,
} from '@hipponot/pubsub-core';
import { ChannelLog } from './channel-log.ts';
import { Epochs } from './epochs.ts';
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

/**
 * All logs by channel, bounded in number. Reading makes none, for whoever may read may read any address;
 * of those without a subscriber, one that never held an event gives way first, then the longest idle one.
 */
export class LogStore {
  readonly #options: Required<MemoryOptions>;
  readonly #logs = new Map<string, StoredLog>();
  readonly #epochs = new Epochs();
  // Those without a subscriber, longest idle first: the only ones that may be evicted.
  readonly #blank = new Set<StoredLog>();
  readonly #idle = new Set<StoredLog>();
  #sweeping: Iterator<StoredLog> = this.#logs.values();

  constructor(options: Required<MemoryOptions>) {
    this.#options = options;
  }

  peek(channel: string): StoredLog | undefined {
    return this.#logs.get(channel);
  }

  /** The channel's log to read; where there is none, what it would be, which is not kept. */
  look(channel: string, now: number): ChannelLog {
    const stored = this.#logs.get(channel);
    if (stored) this.#touch(stored, now);
    return stored?.log ?? this.#blankLog(channel);
  }

  /** Appends, to a new log where there is none. @throws {PubSubError} `overflow` */
  append(
    channel: string,
    record: PublishRecord,
    now: number,
  ): { stored: StoredLog; receipt: PublishReceipt; entry?: LogEntry } {
    const stored = this.#use(channel, now);
    const { isBlank } = stored.log;
    const appended = stored.log.append(record, now);
    // Worth more than before.
    if (isBlank) this.#touch(stored, now);
    return { stored, ...appended };
  }

  /** Adds a live subscriber; while it stays, the log is not evicted. */
  subscribe(channel: string, deliver: Deliver): () => void {
    const stored = this.#use(channel, this.#options.now());
    const remove = stored.fanOut.add(deliver, stored.log.top.offset);
    this.#forget(stored);
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
    for (const idle of [this.#blank, this.#idle]) {
      let visited = 0;
      for (const stored of idle) {
        if (now - stored.usedAt < this.#options.positionTtlMs || (visited += 1) > channelsPerSweep)
          break;
        if (stored.log.size === 0) this.#evict(stored);
      }
    }
  }

  clear(): void {
    for (const { fanOut } of this.#logs.values()) fanOut.clear();
    this.#logs.clear();
    this.#blank.clear();
    this.#idle.clear();
    this.#epochs.renew();
    this.#sweeping = this.#logs.values();
  }

  #use(channel: string, now: number): StoredLog {
    const stored = this.#logs.get(channel) ?? this.#create(channel, now);
    this.#touch(stored, now);
    return stored;
  }

  #create(channel: string, now: number): StoredLog {
    const { maxChannels } = this.#options;
    if (this.#logs.size >= maxChannels) {
      const [first] = this.#blank.size > 0 ? this.#blank : this.#idle;
      if (!first) {
        throw new PubSubError(
          'overflow',
          `All ${maxChannels} channels of the memory adapter have subscribers, so "${channel}" finds no place: raise \`maxChannels\`.`,
          { retryable: true },
        );
      }
      this.#evict(first);
    }
    const stored = { log: this.#blankLog(channel), fanOut: new FanOut(), usedAt: now };
    this.#logs.set(channel, stored);
    return stored;
  }

  #blankLog(channel: string): ChannelLog {
    const { idempotencyWindowMs, maxIdsPerChannel } = this.#options;
    return new ChannelLog(channel, this.#epochs.of(channel), idempotencyWindowMs, maxIdsPerChannel);
  }

  #touch(stored: StoredLog, now: number): void {
    stored.usedAt = now;
    if (stored.fanOut.size > 0) return;
    this.#forget(stored);
    (stored.log.isBlank ? this.#blank : this.#idle).add(stored);
  }

  /** It is no candidate for eviction. */
  #forget(stored: StoredLog): void {
    this.#blank.delete(stored);
    this.#idle.delete(stored);
  }

  #evict(stored: StoredLog): void {
    this.#forget(stored);
    this.#logs.delete(stored.log.channel);
    // A later log of this channel reissues the offsets of this one.
    if (!stored.log.isBlank) this.#epochs.renew();
  }
}
