import type { Deliver, LogEntry } from '@hipponot/pubsub-core';

/** A subscriber that keeps what it gets, and can be waited for. */
export class Recorder {
  readonly entries: LogEntry[] = [];
  readonly #waitMs: number;
  #wake: (() => void) | undefined;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  readonly deliver: Deliver = (entries) => {
    this.entries.push(...entries);
    this.#wake?.();
  };

  get ids(): string[] {
    return this.entries.map((entry) => entry.id);
  }

  get offsets(): number[] {
    return this.entries.map((entry) => entry.cursor.offset);
  }

  /**
   * Waits for an id. Delivery is in log order, so what was accepted before that event has either come
   * by then or was lost: no waiting for things that must not come.
   */
  async until(id: string): Promise<void> {
    const deadline = Date.now() + this.#waitMs;
    while (!this.entries.some((entry) => entry.id === id)) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(
          `"${id}" was not delivered within ${this.#waitMs} ms; delivered: ${JSON.stringify(this.ids)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
