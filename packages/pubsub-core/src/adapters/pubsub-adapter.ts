import type { Cursor } from '../cursor.ts';

/** How much of a channel's log is kept. Whichever bound is met first trims. */
export interface Retention {
  /** @default 1000 */
  readonly maxEvents?: number;
  /** Milliseconds. @default 3_600_000 (one hour) */
  readonly maxAgeMs?: number;
}

/** One event in a channel's log. */
export interface LogEntry {
  readonly cursor: Cursor;
  /** What it was published under: see {@link PublishRecord.id}. */
  readonly id: string;
  /** The envelope as JSON, serialised once by the publisher. */
  readonly json: string;
  /** When the adapter accepted it, in epoch milliseconds. */
  readonly at: number;
}

/** What to append. */
export interface PublishRecord {
  /** What a repeat is told by: the envelope's id, or one scoped to the user where clients choose it. */
  readonly id: string;
  readonly json: string;
  readonly retention?: Retention;
}

/** Where it was appended. */
export interface PublishReceipt {
  readonly cursor: Cursor;
  /** `true` when this id was published before, inside the idempotency window: the cursor is the first one's. */
  readonly duplicate: boolean;
}

/** Which part of a log to read. */
export interface ReadOptions {
  /** Read what follows this position. Without it, the newest `limit` events. */
  readonly after?: Cursor;
  /** At most this many entries, 1 or more. */
  readonly limit: number;
}

/** A page of a channel's log, oldest first. */
export interface ReadPage {
  /**
   * `ok`: nothing between `after` and the first entry is missing. `gap`: same epoch, but events after
   * `after` are gone; entries start at the oldest held. `reset`: another epoch, or a position above the
   * end; entries start at the oldest held.
   */
  readonly outcome: 'ok' | 'gap' | 'reset';
  readonly entries: readonly LogEntry[];
  /** The position just before the first entry (equals `after` when `ok`, `top` when there are none). */
  readonly from: Cursor;
  /** The end of the log when it was read. */
  readonly top: Cursor;
  /** Are there entries between the last one of this page and `top`? */
  readonly more: boolean;
}

/** What the backend can promise. The compliance suite and the server read it. */
export interface AdapterCapabilities {
  /** Does an accepted event survive a restart of the backend? */
  readonly persistence: 'none' | 'process' | 'durable';
  /** `true`: offsets of a channel have no holes, so `offset + 1` is the next event. */
  readonly contiguous: boolean;
  /** `exact`: `gap` only when something is missing. `conservative`: never misses one, may cry wolf. */
  readonly gapDetection: 'exact' | 'conservative';
  /** How long an id is remembered, in milliseconds; 0: not at all. */
  readonly idempotencyWindowMs: number;
  /** At most this many ids are remembered a channel, if bounded: the newest, whatever their age. */
  readonly idempotencyMaxIds?: number;
  /** Do several processes share one log? */
  readonly multiNode: boolean;
  /** The largest event in bytes of JSON, if bounded. */
  readonly maxEventBytes?: number;
}

export interface AdapterHealth {
  readonly status: 'up' | 'down';
  readonly detail?: string;
}

/** Takes live entries, in log order. MUST NOT throw; MUST NOT block. */
export type Deliver = (entries: readonly LogEntry[]) => void;

/** Live delivery was `interrupted` (entries may be missed from now) or `resumed` (re-read every channel). */
export type LinkEvent = 'interrupted' | 'resumed';

/**
 * The backend that stores and fans out. One page of law:
 *
 * Publish
 * - MUST append to the channel's log before it settles, and MUST deliver to every live subscriber of
 *   every process that shares the log, in log order, including subscribers of this process.
 * - MUST give all subscribers and readers the same order and the same entry for the same cursor.
 * - MUST answer a repeated `id` inside the idempotency window with the first cursor and
 *   `duplicate: true`, and MUST NOT append or deliver it again.
 * - MUST NOT look into `json`.
 *
 * Positions
 * - Offsets MUST only grow within an epoch, first event ≥ 1. A log that may have lost or reissued
 *   offsets MUST get a new epoch. Epochs hold at least 48 random bits.
 * - MUST keep offset and epoch when history is trimmed to nothing.
 * - MUST answer `read` and `position` of an unused channel as if its log were there, and the position
 *   MUST stay true once it is; but whoever may read may read any address, so they MUST NOT push out logs
 *   that hold events.
 *
 * Subscribe
 * - MUST resolve only when every entry accepted from now on will be delivered.
 * - MUST isolate subscribers: one that throws is reported, the others get the entry.
 * - MUST NOT deliver after the returned function was called.
 * - MUST drop what it holds for a channel when its last subscriber leaves (but not the log).
 *
 * Read
 * - MUST say `gap` when an entry after `after` is gone, `reset` for a foreign epoch or a position above
 *   the end, and never pass either silently.
 *
 * Lifecycle
 * - Operations on an adapter that is starting MUST wait for it; on one that is not started, stopping or
 *   stopped they MUST reject with `adapter_state`. `health` alone MUST answer at once in every state,
 *   and MUST NOT reject.
 * - `start` and `stop` MUST be idempotent. After `stop` no timer, socket or listener is left.
 */
export interface PubSubAdapter {
  /** The technology: `memory`, `redis`, … */
  readonly name: string;
  readonly capabilities: AdapterCapabilities;
  start(): Promise<void>;
  stop(): Promise<void>;
  publish(channel: string, record: PublishRecord): Promise<PublishReceipt>;
  subscribe(channel: string, deliver: Deliver): Promise<() => void>;
  read(channel: string, options: ReadOptions): Promise<ReadPage>;
  /** The end of the log: a subscriber without a cursor starts here. As if the log were there if there is none. */
  position(channel: string): Promise<Cursor>;
  /**
   * Drops entries up to and including `through`; without it, all. Epoch and offset stay. A `through`
   * that is no position of this log drops nothing.
   */
  trim(channel: string, through?: Cursor): Promise<void>;
  health(): Promise<AdapterHealth>;
  /** Tells of lost and restored live delivery. Adapters in one process never call it. */
  onLink?(listener: (event: LinkEvent) => void): () => void;
}
