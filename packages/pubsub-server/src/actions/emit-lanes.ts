import { PubSubError } from '@hipponot/pubsub-core';

/**
 * Runs tasks of one lane one after another, in the order they came, and lanes beside each other. What a
 * task rejects with is its caller's; the lane goes on.
 */
export class EmitLanes {
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * Rejects with a retryable `unavailable` where the task's turn does not come within `waitMs`: then it was
   * not started, and will not be.
   */
  run<T>(lane: string, task: () => Promise<T>, waitMs: number): Promise<T> {
    const before = this.#tails.get(lane);
    const result = before ? inTurn(before, task, waitMs) : task();
    // A task that gave up must not let the next one pass the one that both waited for.
    const tail = Promise.allSettled([before, result]);
    this.#tails.set(lane, tail);
    void tail.then(() => {
      if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
    });
    return result;
  }
}

function inTurn<T>(before: Promise<unknown>, task: () => Promise<T>, waitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      reject(
        new PubSubError(
          'unavailable',
          'The emits before this one take too long: it was not started.',
          { retryable: true, retryAfterMs: 1000 },
        ),
      );
    }, waitMs).unref();
    void before.then(() => {
      clearTimeout(timer);
      if (waiting) resolve(task());
    });
  });
}
