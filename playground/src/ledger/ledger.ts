import type { Cursor } from '@hipponot/pubsub-core';
import type { Recovery } from '@hipponot/pubsub-client';

/** What the server published against what one client handed to the application, on one channel. */
export interface LedgerView {
  readonly published: number;
  readonly seen: number;
  /** Published and not seen, though the client went past them. */
  readonly missed: number;
  /** Handed to the application more than once. */
  readonly twice: number;
  /** Published, and still ahead of the client. */
  readonly toCome: number;
  /** How the last attach went. */
  readonly recovery: Recovery | undefined;
}

/** Ids remembered to tell what came twice; published events that wait to be seen. */
const idLimit = 5_000;

/**
 * Holds two independent accounts against each other, event by event: ids from the server's journal, and
 * ids from the client's deliveries. An event counts as missed once the client's position is past it.
 */
export class Ledger {
  #start: Cursor | undefined;
  #position = 0;
  #asked = 0;
  #recovery: Recovery | undefined;
  readonly #times = new Map<string, number>();
  readonly #unseen = new Map<string, number>();
  #published = 0;
  #twice = 0;

  /** From where to ask the server's journal; `undefined` before the client has a position. */
  get after(): Cursor | undefined {
    return this.#start && { epoch: this.#start.epoch, offset: this.#asked };
  }

  /** The client attached, and is live. */
  attached(recovery: Recovery): void {
    this.#recovery = recovery;
    const { outcome, to, replayed } = recovery;
    if (!to) return;
    const anew = outcome === 'fresh' || outcome === 'reset' || to.epoch !== this.#start?.epoch;
    if (anew) this.#restart({ epoch: to.epoch, offset: to.offset - replayed });
    this.#position = Math.max(this.#position, to.offset);
  }

  /** The client handed an event to the application. */
  delivered(id: string, { epoch, offset }: Cursor): void {
    if (this.#start?.epoch !== epoch) this.#restart({ epoch, offset: offset - 1 });
    const times = (this.#times.get(id) ?? 0) + 1;
    this.#times.set(id, times);
    if (times > 1) this.#twice += 1;
    if (this.#times.size > idLimit) this.#times.delete(this.#times.keys().next().value ?? '');
    this.#unseen.delete(id);
    this.#position = Math.max(this.#position, offset);
  }

  /** The server's word: these were published after `after`, in this order. */
  published(epoch: string, events: readonly { id: string; offset: number }[]): void {
    if (epoch !== this.#start?.epoch) return;
    for (const { id, offset } of events) {
      // Two answers may overlap: an offset is counted once.
      if (offset <= this.#asked) continue;
      this.#asked = offset;
      this.#published += 1;
      if (!this.#times.has(id)) this.#unseen.set(id, offset);
    }
  }

  read(): LedgerView {
    let missed = 0;
    for (const offset of this.#unseen.values()) if (offset <= this.#position) missed += 1;
    return {
      published: this.#published,
      seen: this.#published - this.#unseen.size,
      missed,
      twice: this.#twice,
      toCome: this.#unseen.size - missed,
      recovery: this.#recovery,
    };
  }

  #restart(start: Cursor): void {
    // What was replayed before the client said that it is live belongs to the new account.
    if (start.epoch !== this.#start?.epoch) this.#times.clear();
    this.#start = start;
    this.#asked = this.#position = start.offset;
    this.#unseen.clear();
    this.#published = this.#twice = 0;
  }
}
