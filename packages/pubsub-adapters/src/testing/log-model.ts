import { expect } from 'vitest';
import type {
  AdapterCapabilities,
  Cursor,
  LogEntry,
  PubSubAdapter,
  ReadOptions,
  ReadPage,
} from '@hipponot/pubsub-core';

/** What was put in and where it went. */
export interface Accepted {
  readonly id: string;
  readonly json: string;
  readonly cursor: Cursor;
}

let made = 0;

/** A record with an id of its own. The json is odd on purpose: adapters MUST NOT look into it. */
export function newRecord(id?: string): { id: string; json: string } {
  made += 1;
  const unique = id ?? `event-${made}-${Math.random().toString(36).slice(2)}`;
  return { id: unique, json: `{"id":"${unique}",  "n":1e400,"text":"\\ud83d ü\\u0000 \u2028"}` };
}

/** Publishes in turn, and gives back what was accepted. */
export async function publishAll(
  adapter: PubSubAdapter,
  channel: string,
  count: number,
): Promise<readonly [Accepted, ...Accepted[]]> {
  const accepted: Accepted[] = [];
  for (let index = 0; index < count; index += 1) {
    const record = newRecord();
    const { cursor } = await adapter.publish(channel, record);
    accepted.push({ ...record, cursor });
  }
  return accepted as [Accepted, ...Accepted[]];
}

/** Asserts that entries are these events, in this order, as they were put in. */
export function expectEntries(entries: readonly LogEntry[], accepted: readonly Accepted[]): void {
  expect(entries.map(({ id, json, cursor }) => ({ id, json, cursor }))).toEqual(
    accepted.map(({ id, json, cursor }) => ({ id, json, cursor })),
  );
}

/** The log as a plain list: what a page must be is computed from it by counting. */
export class LogModel {
  readonly accepted: Accepted[] = [];
  readonly #start: Cursor;
  #gone = 0;

  /** @param start the position of the channel before anything was published */
  constructor(start: Cursor) {
    this.#start = start;
  }

  get top(): Cursor {
    return this.accepted.at(-1)?.cursor ?? this.#start;
  }

  trim(through: Cursor | undefined): void {
    this.#gone = Math.max(this.#gone, through ? this.#countUpTo(through) : this.accepted.length);
  }

  expectPage(
    page: ReadPage,
    { after, limit }: ReadOptions,
    capabilities: AdapterCapabilities,
  ): void {
    const known = after?.epoch === this.top.epoch && after.offset <= this.top.offset;
    const read = after
      ? this.#countUpTo(after)
      : Math.max(this.#gone, this.accepted.length - limit);
    let outcome: ReadPage['outcome'] = after && !known ? 'reset' : read < this.#gone ? 'gap' : 'ok';
    // A conservative backend may cry wolf; what it then delivers is held to the same account.
    if (outcome === 'ok' && capabilities.gapDetection === 'conservative' && page.outcome === 'gap')
      outcome = 'gap';
    const start = outcome === 'ok' ? read : this.#gone;
    const expected = this.accepted.slice(start, start + limit);
    expect(page.outcome).toBe(outcome);
    expectEntries(page.entries, expected);
    expect(page.top).toEqual(this.top);
    expect(page.more).toBe(start + expected.length < this.accepted.length);
    this.#expectFrom(page, outcome === 'ok' ? after : undefined, start, capabilities);
  }

  /** `from` is `after` when `ok`, `top` when there are no entries, else between the last one gone and the first one held. */
  #expectFrom(
    { from, entries }: ReadPage,
    after: Cursor | undefined,
    start: number,
    capabilities: AdapterCapabilities,
  ): void {
    const [first] = entries;
    if (after) expect(from).toEqual(after);
    else if (!first) expect(from).toEqual(this.top);
    else {
      expect(from.epoch).toBe(this.top.epoch);
      expect(from.offset).toBeLessThan(first.cursor.offset);
      expect(from.offset).toBeGreaterThanOrEqual(
        (this.accepted[start - 1]?.cursor ?? this.#start).offset,
      );
      if (capabilities.contiguous) expect(from.offset).toBe(first.cursor.offset - 1);
    }
  }

  #countUpTo(position: Cursor): number {
    return this.accepted.filter((event) => event.cursor.offset <= position.offset).length;
  }
}
