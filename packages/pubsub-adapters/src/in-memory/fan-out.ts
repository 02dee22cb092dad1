import type { Deliver, LogEntry } from '@hipponot/pubsub-core';

interface Subscriber {
  readonly deliver: Deliver;
  /** The end of the log when it joined: what was accepted before is not its own. */
  readonly after: number;
}

/** The live subscribers of one channel, and what was appended since the last flush. */
export class FanOut {
  readonly #subscribers = new Set<Subscriber>();
  #pending: LogEntry[] = [];

  get size(): number {
    return this.#subscribers.size;
  }

  /** Adds a subscriber; the returned function removes it, for good. */
  add(deliver: Deliver, after: number): () => void {
    const subscriber = { deliver, after };
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#pending = [];
    };
  }

  /** Keeps the entry for the next flush. Returns `true` when it is the first since the last one. */
  push(entry: LogEntry): boolean {
    return this.#subscribers.size > 0 && this.#pending.push(entry) === 1;
  }

  /**
   * Hands one array to every subscriber. What they publish meanwhile waits for the next flush, so
   * everyone has seen this array before anyone sees that one.
   */
  flush(report: (error: unknown) => void): void {
    const batch = this.#pending;
    const [first] = batch;
    if (!first) return;
    this.#pending = [];
    // A Set may change under its own iteration: one who left is passed by, one who joined finds nothing.
    for (const { deliver, after } of this.#subscribers) {
      const own =
        after < first.cursor.offset ? batch : batch.filter((entry) => entry.cursor.offset > after);
      if (own.length === 0) continue;
      try {
        deliver(own);
      } catch (error) {
        report(error);
      }
    }
  }

  clear(): void {
    this.#subscribers.clear();
    this.#pending = [];
  }
}
