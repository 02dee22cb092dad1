import type {
  AnyContract,
  ChannelOf,
  Cursor,
  EnvelopeOn,
  LogEntry,
  PubSubAdapter,
  ReadPage,
} from '@hipponot/pubsub-core';
import { unavailable } from './publish.ts';

/** Which part of a channel's log to read. */
export interface HistoryOptions {
  /** What follows this position. Absent: the newest. */
  readonly after?: Cursor | undefined;
  /** @default 50 */
  readonly limit?: number | undefined;
}

/** A past event with its position. */
export type PastEvent<Envelope> = Envelope & { readonly cursor: Cursor };

/** A page of a channel's log, oldest first. */
export interface HistoryPage<Envelope> {
  readonly channel: string;
  /** See `ReadPage` in core: whether anything between `after` and the first event is missing. */
  readonly outcome: 'ok' | 'gap' | 'reset';
  /** The position just before the first event. */
  readonly from: Cursor;
  /** The end of the log when it was read. */
  readonly top: Cursor;
  /** Are there events between the last one and `top`? */
  readonly more: boolean;
  readonly events: readonly Envelope[];
}

/** The page of a typed channel. */
export type HistoryOf<C extends AnyContract, Channel extends ChannelOf<C>> = HistoryPage<
  PastEvent<EnvelopeOn<C, Channel>>
>;

export const defaultHistoryLimit = 50;

/** @throws {PubSubError} `unavailable` */
export async function readLog(
  adapter: PubSubAdapter,
  channel: string,
  { after, limit = defaultHistoryLimit }: HistoryOptions,
): Promise<ReadPage> {
  try {
    return await adapter.read(channel, { limit, ...(after ? { after } : {}) });
  } catch (cause) {
    throw unavailable(`The history of "${channel}" could not be read.`, cause);
  }
}

/** A log page with its events as objects. */
export function toHistoryPage<Envelope>(
  channel: string,
  page: ReadPage,
): HistoryPage<PastEvent<Envelope>> {
  const { outcome, from, top, more } = page;
  return {
    channel,
    outcome,
    from,
    top,
    more,
    events: page.entries.map((entry) => pastEvent<Envelope>(entry)),
  };
}

function pastEvent<Envelope>({ cursor, json }: LogEntry): PastEvent<Envelope> {
  return { cursor, ...(JSON.parse(json) as Envelope) };
}
