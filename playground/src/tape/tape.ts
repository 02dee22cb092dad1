import type { EventEnvelope } from '@hipponot/pubsub-core';
import type { Disposition, Readable, Recovery } from '@hipponot/pubsub-client';
import type { Person } from '../people.ts';

type Letter = Person['letter'];

/** What became of one event at one client. */
export interface Arrival {
  readonly disposition: Disposition;
  readonly at: number;
  /** Copies that came after it, and were dropped. */
  readonly duplicates: number;
}

export type TapeRow =
  | {
      readonly kind: 'event';
      readonly key: string;
      readonly at: number;
      readonly envelope: EventEnvelope;
      readonly arrivals: Readonly<Partial<Record<Letter, Arrival>>>;
    }
  | {
      readonly kind: 'recovery';
      readonly key: string;
      readonly at: number;
      readonly letter: Letter;
      readonly channel: string;
      readonly recovery: Recovery;
    };

export interface TapeView {
  /** Newest first. */
  readonly rows: readonly TapeRow[];
  /** Events that reached the page, by epoch second. */
  readonly perSecond: ReadonlyMap<number, number>;
}

/** Rows kept, and seconds counted. */
const rowLimit = 80;
export const secondsShown = 60;

/** Writes down what the clients' taps tell, from now on. */
export function createTape(people: readonly Person[]): Readable<TapeView> {
  const listeners = new Set<() => void>();
  const perSecond = new Map<number, number>();
  let rows: readonly TapeRow[] = [];
  let view: TapeView = { rows, perSecond };
  let marks = 0;
  let told = false;

  /** One render for all that came in one turn. */
  function tell(): void {
    if (told) return;
    told = true;
    queueMicrotask(() => {
      told = false;
      view = { rows, perSecond };
      for (const listener of listeners) listener();
    });
  }

  function add(row: TapeRow): void {
    rows = [row, ...rows].slice(0, rowLimit);
  }

  function count(at: number): void {
    const second = Math.floor(at / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    for (const old of perSecond.keys()) if (old < second - secondsShown) perSecond.delete(old);
  }

  function arrive(letter: Letter, at: number, envelope: EventEnvelope, how: Disposition): void {
    const index = rows.findIndex((row) => row.kind === 'event' && row.key === envelope.id);
    const row = rows[index];
    if (row?.kind !== 'event') {
      // A copy of something that left the tape long ago is no news.
      if (how === 'duplicate') return;
      count(at);
      const arrivals = { [letter]: { disposition: how, at, duplicates: 0 } };
      return add({ kind: 'event', key: envelope.id, at, envelope, arrivals });
    }
    const before = row.arrivals[letter];
    const arrival = before
      ? { ...before, duplicates: before.duplicates + 1 }
      : { disposition: how, at, duplicates: 0 };
    rows = rows.with(index, { ...row, arrivals: { ...row.arrivals, [letter]: arrival } });
  }

  for (const { letter, pubsub } of people) {
    pubsub.tap((record) => {
      // The switches of the page itself: B has no part in them, so there is nothing to compare.
      if ('channel' in record && record.channel === 'house') return;
      if (record.type === 'delivery') {
        arrive(letter, record.at, record.envelope, record.disposition);
      } else if (record.type === 'recovery') {
        const { at, channel, recovery } = record;
        add({ kind: 'recovery', key: `mark ${(marks += 1)}`, at, letter, channel, recovery });
      } else return;
      tell();
    });
  }

  return {
    getSnapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
