import {
  assertAddress,
  formatCursor,
  parseCursor,
  PubSubError,
  quote,
  type ReadPage,
} from '@hipponot/pubsub-core';
import { readHistory, type HistoryQuery } from '../../history.ts';
import type { Limits } from '../../limits.ts';
import { answerJson, authenticate, type Endpoint } from './exchange.ts';
import type { JsonObject } from './read-body.ts';
import { badCursor, wholeNumber } from './stream-request.ts';

const defaultLimit = 50;

/** `GET /history`: a page of a channel's log, for who may read it now. */
export const historyEndpoint: Endpoint = async (exchange, context) => {
  const { user } = await authenticate(exchange, context);
  const channel = single(exchange.query, 'channel');
  const after = single(exchange.query, 'after');
  const limit = single(exchange.query, 'limit');
  const number = limit === undefined ? undefined : wholeNumber(limit);
  const query = parseHistoryQuery({ channel, after, limit: number }, context.limits);
  const page = await readHistory(query, user, context);
  answerJson(exchange.response, 200, encodePage(query.channel, page));
};

/** A parameter that may be given once. @throws {PubSubError} `bad_request` where it is repeated */
function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length === 0) return value;
  throw new PubSubError('bad_request', `Give ${name} once: a page is of one channel.`, {
    path: [name],
  });
}

/** @throws {PubSubError} `bad_channel`, `bad_cursor` or `bad_request`, with the path */
export function parseHistoryQuery(given: JsonObject, limits: Limits): HistoryQuery {
  const { channel, after, limit } = given;
  if (channel === undefined) {
    throw new PubSubError('bad_request', 'Name the channel: ?channel=orders.', {
      path: ['channel'],
    });
  }
  assertAddress(channel, ['channel']);
  const cursor = after === undefined ? undefined : parseCursor(after);
  if (after !== undefined && !cursor) throw badCursor(after, ['after']);
  return { channel, after: cursor, limit: parseLimit(limit, limits.historyEvents) };
}

/** @throws {PubSubError} `bad_request` unless a whole number from 1 to `most` */
export function parseLimit(limit: unknown, most: number): number {
  if (limit === undefined) return Math.min(defaultLimit, most);
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1 && limit <= most)
    return limit;
  throw new PubSubError(
    'bad_request',
    `limit must be a whole number from 1 to ${most}, not ${quote(limit)}.`,
    { path: ['limit'] },
  );
}

/** Events keep the JSON that was stored: nothing is parsed to be written again. */
function encodePage(channel: string, { outcome, from, top, more, entries }: ReadPage): string {
  const head = JSON.stringify({
    channel,
    outcome,
    from: formatCursor(from),
    top: formatCursor(top),
    more,
  });
  const events = entries.map(
    ({ cursor, json }) => `{"cursor":"${formatCursor(cursor)}",${json.slice(1)}`,
  );
  return `${head.slice(0, -1)},"events":[${events.join(',')}]}`;
}
