import {
  type Cursor,
  formatCursor,
  type LogEntry,
  type Logger,
  type PubSubAdapter,
} from '@hipponot/pubsub-core';
import type { Limits } from '../limits.ts';
import type { Frame, FrameCache } from './frame.ts';
import { LiveBuffer } from './live-buffer.ts';

/** Events between two positions cannot be delivered: told before the next event. */
export interface Hole {
  readonly outcome: 'gap' | 'reset';
  readonly from: Cursor;
  readonly to: Cursor;
  readonly reason: string;
}

/** Takes what a channel delivers, in log order. MUST NOT throw. */
export interface FeedListener {
  frame(frame: Frame): void;
  hole(hole: Hole): void;
}

/** What a feed needs of its server. */
export interface FeedDeps {
  readonly adapter: PubSubAdapter;
  readonly frames: FrameCache;
  readonly limits: Limits;
  readonly logger: Logger;
}

const healRetryMs = { first: 100, most: 5000 };

/**
 * One channel that has subscribers on this node: one adapter subscription for all of them. It passes on
 * entries in log order, each once; where live delivery left a hole it reads the log, and says so only if
 * the log no longer has what is missing.
 */
export class ChannelFeed {
  readonly channel: string;
  /** Resolves when everything accepted from now on will be delivered. */
  readonly ready: Promise<void>;
  readonly #deps: FeedDeps;
  readonly #listeners = new Set<FeedListener>();
  readonly #held: LiveBuffer<LogEntry>;
  #position: Cursor | undefined;
  #unsubscribe: (() => void) | undefined;
  #healing = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(channel: string, deps: FeedDeps) {
    this.channel = channel;
    this.#deps = deps;
    this.#held = new LiveBuffer(deps.limits.replayBuffer, deps.limits.bufferedBytes);
    this.ready = this.#open();
    // Its listeners await it too; with none left, a refusal is nobody's.
    this.ready.catch(() => undefined);
  }

  /** The last position passed on. Everything after it will come, or a hole is told. Known once `ready`. */
  get position(): Cursor | undefined {
    return this.#position;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  add(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  /** @returns whether it was there */
  remove(listener: FeedListener): boolean {
    return this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Reads what live delivery may have missed. */
  heal(): void {
    if (this.#healing || this.#closed || !this.#position) return;
    this.#healing = true;
    void this.#readMissed(this.#position, 0);
  }

  async #open(): Promise<void> {
    const unsubscribe = await this.#deps.adapter.subscribe(this.channel, (entries) =>
      this.#receive(entries),
    );
    // The last listener may have left while the adapter was subscribing.
    if (this.#closed) return unsubscribe();
    this.#unsubscribe = unsubscribe;
    const top = await this.#deps.adapter.position(this.channel);
    // An entry that came in between already set it.
    this.#position ??= top;
  }

  #receive(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (this.#closed) return;
      if (this.#healing) this.#held.push(entry, entry.json.length);
      else this.#take(entry);
    }
  }

  #take(entry: LogEntry): void {
    const { epoch, offset } = entry.cursor;
    const last = this.#position;
    if (last?.epoch === epoch) {
      if (offset <= last.offset) return;
      if (this.#deps.adapter.capabilities.contiguous && offset !== last.offset + 1) {
        // A hole in what was delivered. The entry is in the log, behind what is missing.
        this.heal();
        return;
      }
    } else if (last) {
      this.#tell({
        outcome: 'reset',
        from: last,
        to: { epoch, offset: offset - 1 },
        reason: 'the log was recreated',
      });
    }
    this.#pass(entry);
  }

  #pass(entry: LogEntry): void {
    this.#position = entry.cursor;
    const frame = this.#deps.frames.frameOf(this.channel, entry);
    for (const listener of this.#listeners) listener.frame(frame);
  }

  #tell(hole: Hole): void {
    this.#position = hole.to;
    this.#deps.logger.warn(
      `Channel "${this.channel}": ${hole.outcome} from ${formatCursor(hole.from)} to ${formatCursor(hole.to)}: ${hole.reason}.`,
    );
    for (const listener of this.#listeners) listener.hole(hole);
  }

  async #readMissed(from: Cursor, attempt: number): Promise<void> {
    let after = from;
    try {
      for (;;) {
        this.#held.beginRead();
        const page = await this.#deps.adapter.read(this.channel, {
          after,
          limit: this.#deps.limits.replayPage,
        });
        if (this.#closed) return;
        if (page.outcome === 'gap') {
          this.#tell({
            outcome: 'gap',
            from: after,
            to: page.from,
            reason: 'the events in between were trimmed',
          });
        } else if (page.outcome === 'reset') {
          // As fresh: the application reads its snapshot again, so the new log's past is not for it.
          this.#tell({
            outcome: 'reset',
            from: after,
            to: page.top,
            reason: 'the log was recreated',
          });
        }
        if (page.outcome !== 'reset') for (const entry of page.entries) this.#pass(entry);
        after = this.#position ?? after;
        if (page.outcome !== 'reset' && !page.more && !this.#held.overflowed) break;
      }
    } catch (cause) {
      this.#deps.logger.error(
        `Channel "${this.channel}": what live delivery missed could not be read; trying again.`,
        cause,
      );
      const wait = Math.min(healRetryMs.first * 2 ** attempt, healRetryMs.most);
      const retry = (): void => void this.#readMissed(after, attempt + 1);
      if (!this.#closed) this.#retry = setTimeout(retry, wait * (0.5 + Math.random() / 2));
      return;
    }
    this.#healing = false;
    this.#receive(this.#held.take());
  }
}
