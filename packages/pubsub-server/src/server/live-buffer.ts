/**
 * Holds live items while their past is read from the log. When it is full it drops everything and says
 * so: what it dropped is in the log, and paging goes on from there (wire.md, Cursor).
 */
export class LiveBuffer<T> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  #items: T[] = [];
  #bytes = 0;
  #overflowed = false;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  push(item: T, bytes: number): void {
    if (this.#overflowed) return;
    this.#bytes += bytes;
    if (this.#items.length >= this.#maxItems || this.#bytes > this.#maxBytes) {
      this.take();
      this.#overflowed = true;
      return;
    }
    this.#items.push(item);
  }

  /** Call before a read: what comes from now on is held, or in what the read returns. */
  beginRead(): void {
    this.#overflowed = false;
  }

  /** Did it drop anything since the last {@link beginRead}? Then the log has to be read again. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** What it holds, once. */
  take(): readonly T[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }
}
