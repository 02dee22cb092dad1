const smallest = 8;

/** A queue over a circular array: append and drop cost O(1) amortised, access by index O(1). */
export class Ring<Item> {
  #slots: (Item | undefined)[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#length === this.#slots.length) this.#resize(Math.max(smallest, this.#length * 2));
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item;
    this.#length += 1;
  }

  at(index: number): Item | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#slots[(this.#head + index) % this.#slots.length];
  }

  /** Drops the `count` oldest; all where it holds fewer, none where the count is negative. */
  dropFirst(count: number): void {
    const dropped = Math.max(0, Math.min(count, this.#length));
    for (let index = 0; index < dropped; index += 1) {
      this.#slots[this.#head] = undefined;
      this.#head = (this.#head + 1) % this.#slots.length;
    }
    this.#length -= dropped;
    // Many idle channels that once were busy must not keep their largest size for ever.
    if (this.#length === 0) this.#resize(0);
    else if (this.#slots.length > smallest && this.#length * 4 <= this.#slots.length)
      this.#resize(this.#length * 2);
  }

  /** Up to `count` items from `start` on, oldest first. */
  slice(start: number, count: number): Item[] {
    const end = Math.min(this.#length, start + count);
    const items: Item[] = [];
    for (let index = Math.max(0, start); index < end; index += 1) {
      const item = this.at(index);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  #resize(capacity: number): void {
    const slots = Array.from<Item | undefined>({ length: capacity });
    for (let index = 0; index < this.#length; index += 1) slots[index] = this.at(index);
    this.#slots = slots;
    this.#head = 0;
  }
}
