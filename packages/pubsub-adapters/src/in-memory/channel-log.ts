import { PubSubError, type Cursor } from '@hipponot/pubsub-core';
import type {
  LogEntry,
  PublishReceipt,
  PublishRecord,
  ReadOptions,
  ReadPage,
  Retention,
} from '@hipponot/pubsub-core';
import { IdWindow } from './id-window.ts';
import { Ring } from './ring.ts';

const defaultMaxEvents = 1000;
const defaultMaxAgeMs = 3_600_000;

/**
 * One channel's log. Offsets count 1, 2, 3, … without holes, so the entry of an offset is found by
 * subtraction. The offset and the epoch stay when the entries are trimmed.
 */
export class ChannelLog {
  readonly channel: string;
  readonly #epoch: string;
  readonly #entries = new Ring<LogEntry>();
  readonly #ids: IdWindow;
  #offset = 0;
  #maxEvents = defaultMaxEvents;
  #maxAgeMs = defaultMaxAgeMs;

  constructor(channel: string, epoch: string, idempotencyWindowMs: number, maxIds: number) {
    this.channel = channel;
    this.#epoch = epoch;
    this.#ids = new IdWindow(idempotencyWindowMs, maxIds);
  }

  get top(): Cursor {
    return this.#at(this.#offset);
  }

  /** Was nothing ever appended? Then nothing is lost with it. */
  get isBlank(): boolean {
    return this.#offset === 0;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Appends, and returns the entry beside the receipt; no entry where the id is a duplicate. */
  append(record: PublishRecord, now: number): { receipt: PublishReceipt; entry?: LogEntry } {
    const first = this.#ids.find(record.id, now);
    if (first !== undefined) return { receipt: { cursor: this.#at(first), duplicate: true } };
    // The retention is checked before the append: a refused publish leaves no trace.
    this.#retain(record.retention);
    this.#offset += 1;
    const entry = { cursor: this.top, id: record.id, json: record.json, at: now };
    this.#ids.add(record.id, this.#offset, now);
    this.#entries.push(entry);
    this.expire(now);
    return { receipt: { cursor: entry.cursor, duplicate: false }, entry };
  }

  read({ after, limit }: ReadOptions, now: number): ReadPage {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new PubSubError(
        'bad_options',
        `\`limit\` is ${limit}: a read takes 1 or more entries.`,
      );
    }
    this.expire(now);
    const oldest = this.#oldest;
    if (!after) return this.#page('ok', Math.max(oldest, this.#offset - limit + 1), limit);
    const known =
      after.epoch === this.#epoch && Number.isSafeInteger(after.offset) && after.offset >= 0;
    if (!known || after.offset > this.#offset) return this.#page('reset', oldest, limit);
    if (after.offset < oldest - 1) return this.#page('gap', oldest, limit);
    return this.#page('ok', after.offset + 1, limit);
  }

  /** Drops up to and including `through`; a position that is not of this log drops nothing. */
  trim(through: Cursor | undefined): void {
    if (!through) this.#entries.dropFirst(this.#entries.length);
    else if (through.epoch === this.#epoch && through.offset <= this.#offset) {
      this.#entries.dropFirst(through.offset - this.#oldest + 1);
    }
  }

  /** Applies retention and the idempotency window. Costs what it drops. */
  expire(now: number): void {
    let count = Math.max(0, this.#entries.length - this.#maxEvents);
    for (
      let entry = this.#entries.at(count);
      entry && now - entry.at >= this.#maxAgeMs;
      entry = this.#entries.at(count)
    ) {
      count += 1;
    }
    if (count > 0) this.#entries.dropFirst(count);
    this.#ids.prune(now);
  }

  /** The offset of the oldest entry held; the next one's where none is. */
  get #oldest(): number {
    return this.#offset - this.#entries.length + 1;
  }

  #at(offset: number): Cursor {
    return { epoch: this.#epoch, offset };
  }

  #page(outcome: ReadPage['outcome'], start: number, limit: number): ReadPage {
    const entries = this.#entries.slice(start - this.#oldest, limit);
    const more = start + entries.length - 1 < this.#offset;
    return { outcome, entries, from: this.#at(start - 1), top: this.top, more };
  }

  #retain({ maxEvents = defaultMaxEvents, maxAgeMs = defaultMaxAgeMs }: Retention = {}): void {
    if (!Number.isSafeInteger(maxEvents) || maxEvents < 0) {
      throw new PubSubError(
        'bad_options',
        `\`retention.maxEvents\` is ${maxEvents}: it is a whole number, 0 or more.`,
      );
    }
    if (!Number.isFinite(maxAgeMs) || maxAgeMs < 0) {
      throw new PubSubError(
        'bad_options',
        `\`retention.maxAgeMs\` is ${maxAgeMs}: it is milliseconds, 0 or more.`,
      );
    }
    this.#maxEvents = maxEvents;
    this.#maxAgeMs = maxAgeMs;
  }
}
