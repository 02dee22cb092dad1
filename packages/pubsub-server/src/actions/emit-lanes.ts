/**
 * Runs tasks of one lane one after another, in the order they came, and lanes beside each other. What a
 * task rejects with is its caller's; the lane goes on.
 */
export class EmitLanes {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(lane: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(lane);
    const result = before ? before.then(task) : task();
    const tail = result.catch(() => undefined);
    this.#tails.set(lane, tail);
    void tail.then(() => {
      if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
    });
    return result;
  }
}
