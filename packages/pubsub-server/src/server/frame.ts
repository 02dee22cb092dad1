import {
  encodeEvent,
  formatCursor,
  type Cursor,
  type EventEnvelope,
  type LogEntry,
} from '@hipponot/pubsub-core';

/** One event as it goes over the wire: encoded once, shared by every subscriber, live and replayed. */
export interface Frame {
  readonly channel: string;
  readonly cursor: Cursor;
  readonly bytes: Buffer;
  /** The parsed envelope, for consumers that want objects. Parsed once, on first use; never mutate it. */
  readonly envelope: EventEnvelope;
}

/**
 * The frames made of late, so that a replay shares the bytes of the live delivery. Bounded by bytes: the
 * oldest leave first, and are encoded again if asked for.
 */
export class FrameCache {
  readonly #frames = new Map<string, Frame>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  frameOf(channel: string, entry: LogEntry): Frame {
    const cursor = formatCursor(entry.cursor);
    const key = `${channel} ${cursor}`;
    const known = this.#frames.get(key);
    if (known) return known;
    const frame = new EncodedFrame(channel, entry, cursor);
    this.#frames.set(key, frame);
    this.#bytes += weightOf(frame);
    for (const [oldest, oldFrame] of this.#frames) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#frames.delete(oldest);
      this.#bytes -= weightOf(oldFrame);
    }
    return frame;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }
}

// The bytes, and the JSON they were made from.
function weightOf({ bytes }: Frame): number {
  return 2 * bytes.length;
}

class EncodedFrame implements Frame {
  readonly channel: string;
  readonly cursor: Cursor;
  readonly bytes: Buffer;
  readonly #json: string;
  #envelope: EventEnvelope | undefined;

  constructor(channel: string, entry: LogEntry, cursor: string) {
    this.channel = channel;
    this.cursor = entry.cursor;
    this.#json = entry.json;
    this.bytes = Buffer.from(encodeEvent(cursor, entry.json));
  }

  get envelope(): EventEnvelope {
    this.#envelope ??= JSON.parse(this.#json) as EventEnvelope;
    return this.#envelope;
  }
}
