import type {
  AnyContract,
  ChannelOf,
  Cursor,
  EnvelopeOn,
  LogEntry,
  PubSubAdapter,
  ReadPage,
  User,
} from '@hipponot/pubsub-core';
import type { Authorize } from './authorize.ts';
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
  /**
   * `ok`: nothing between `after` and the first event is missing. `gap`: events after it are gone.
   * `reset`: it belongs to another log. The events then start at the oldest held.
   */
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

/** A request for history, checked. */
export interface HistoryQuery {
  readonly channel: string;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** What reading history needs of its server. */
export interface HistoryDeps {
  readonly adapter: PubSubAdapter;
  readonly authorize: Authorize;
  readonly ready: () => Promise<void>;
}

/** A page for a user, with the rights of now. @throws {PubSubError} `forbidden`, `unknown_channel`, … */
export async function readHistory(
  query: HistoryQuery,
  user: User | undefined,
  { adapter, authorize, ready }: HistoryDeps,
): Promise<ReadPage> {
  await authorize(user, 'history', query.channel);
  await ready();
  return readLog(adapter, query);
}

/** @throws {PubSubError} `unavailable` */
export async function readLog(
  adapter: PubSubAdapter,
  { channel, after, limit }: HistoryQuery,
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
  { outcome, from, top, more, entries }: ReadPage,
): HistoryPage<PastEvent<Envelope>> {
  return {
    channel,
    outcome,
    from,
    top,
    more,
    events: entries.map((entry) => pastEvent<Envelope>(entry)),
  };
}

function pastEvent<Envelope>({ cursor, json }: LogEntry): PastEvent<Envelope> {
  return { cursor, ...(JSON.parse(json) as Envelope) };
}
