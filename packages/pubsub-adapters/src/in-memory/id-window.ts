interface Seen {
  readonly offset: number;
  readonly at: number;
}

/** The ids published lately and where they went: bounded in age and in number, oldest forgotten first. */
export class IdWindow {
  readonly #windowMs: number;
  readonly #maxIds: number;
  // In order of insertion, which is the order of age.
  readonly #seen = new Map<string, Seen>();

  constructor(windowMs: number, maxIds: number) {
    this.#windowMs = windowMs;
    this.#maxIds = maxIds;
  }

  /** The offset this id was first published at, if it is inside the window. */
  find(id: string, now: number): number | undefined {
    const seen = this.#seen.get(id);
    return seen && now - seen.at < this.#windowMs ? seen.offset : undefined;
  }

  add(id: string, offset: number, now: number): void {
    if (this.#windowMs === 0) return;
    this.#seen.set(id, { offset, at: now });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > this.#maxIds && oldest !== undefined) this.#seen.delete(oldest);
  }

  prune(now: number): void {
    for (const [id, seen] of this.#seen) {
      if (now - seen.at < this.#windowMs) break;
      this.#seen.delete(id);
    }
  }
}
