/** Gets a beat every interval. */
export interface Beating {
  beat(): void;
}

const slots = 15;

/**
 * The heartbeats of all streams from one timer. Streams are spread over the interval, so that they do
 * not all write at once. The timer runs only while there are streams.
 */
export class HeartbeatWheel {
  readonly #tickMs: number;
  readonly #slots: readonly Set<Beating>[] = Array.from(
    { length: slots },
    () => new Set<Beating>(),
  );
  readonly #slotOf = new Map<Beating, Set<Beating>>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(intervalMs: number) {
    this.#tickMs = Math.max(1, Math.floor(intervalMs / slots));
  }

  add(member: Beating): void {
    // The slot served last comes round again after a whole interval.
    const slot = this.#slots[(this.#next + slots - 1) % slots];
    if (!slot) return;
    slot.add(member);
    this.#slotOf.set(member, slot);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  remove(member: Beating): void {
    this.#slotOf.get(member)?.delete(member);
    this.#slotOf.delete(member);
    if (this.#slotOf.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const slot = this.#slots[this.#next];
    this.#next = (this.#next + 1) % slots;
    for (const member of slot ?? []) member.beat();
  }
}
