import type { Clock } from '../../sse/clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to move; runs what is due in order, on the way. */
export class FakeClock implements Clock {
  time: number;
  #timers = new Map<number, Timer>();
  #last = 0;

  constructor(time = 1_000_000) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    // A real timer waits at least a millisecond, so nothing set in a callback runs in the same instant.
    const at = this.time + Math.max(1, ms);
    this.#timers.set(++this.#last, { at, callback });
    return this.#last;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, from now; `Infinity` without one. */
  get nextIn(): number {
    return Math.min(...[...this.#timers.values()].map(({ at }) => at - this.time), Infinity);
  }

  /** Moves on, and lets promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .toSorted(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.time = Math.max(this.time, at);
      callback();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
