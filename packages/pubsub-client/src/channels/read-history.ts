import { formatCursor, parseCursor, type Cursor, type EventEnvelope } from '@hipponot/pubsub-core';
import type { HistoryPage } from '../client/pubsub-client.ts';
import type { Ask } from '../http/ask.ts';

type OnTheWire<T> = { readonly [Key in keyof T]: T[Key] extends Cursor ? string : T[Key] };

type HistoryAnswer = OnTheWire<Omit<HistoryPage<EventEnvelope>, 'events'>> & {
  readonly events: readonly (EventEnvelope & { readonly cursor: string })[];
};

export interface HistoryRequest {
  readonly after?: Cursor;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** A page of a channel's log by `GET /history`: after a position, or the newest. */
export async function readHistory(
  ask: Ask,
  channel: string,
  { after, limit = 50, signal }: HistoryRequest = {},
): Promise<HistoryPage<EventEnvelope>> {
  const query = new URLSearchParams({ channel, limit: `${limit}` });
  if (after) query.set('after', formatCursor(after));
  const page = await ask<HistoryAnswer>(`/history?${query}`, undefined, signal);
  return {
    ...page,
    from: cursorOf(page.from),
    top: cursorOf(page.top),
    events: page.events.map((event) => ({ ...event, cursor: cursorOf(event.cursor) })),
  };
}

/** A malformed position is of an epoch that no log has, so it compares with none. */
function cursorOf(text: string): Cursor {
  return parseCursor(text) ?? { epoch: '', offset: 0 };
}
