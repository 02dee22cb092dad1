import {
  assertAddress,
  formatCursor,
  parseCursor,
  PubSubError,
  quote,
  type ReadPage,
} from '@hipponot/pubsub-core';
import { defaultHistoryLimit, readLog } from '../../history.ts';
import { answerJson, authenticate, type Endpoint } from './exchange.ts';
import { badCursor } from './stream-request.ts';

/** `GET /history`: a page of a channel's log, for who may read it now. */
export const historyEndpoint: Endpoint = async (exchange, context) => {
  const { query, response } = exchange;
  const { user } = await authenticate(exchange, context);
  const channel = query.get('channel') ?? undefined;
  if (channel === undefined) {
    throw new PubSubError('bad_request', 'Name the channel: ?channel=orders.', {
      path: ['channel'],
    });
  }
  assertAddress(channel, ['channel']);
  const given = query.get('after');
  const after = given === null ? undefined : parseCursor(given);
  if (given !== null && !after) throw badCursor(given, ['after']);
  const limit = parseLimit(query.get('limit'), context.limits.historyEvents);
  await context.authorize(user, 'history', channel);
  await context.ready();
  const page = await readLog(context.adapter, channel, { after, limit });
  answerJson(response, 200, encodePage(channel, page));
};

/** @throws {PubSubError} `bad_request` unless a whole number from 1 to `most` */
export function parseLimit(value: unknown, most: number): number {
  if (value === null || value === undefined) return Math.min(defaultHistoryLimit, most);
  const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1 && limit <= most)
    return limit;
  throw new PubSubError(
    'bad_request',
    `limit must be a whole number from 1 to ${most}, not ${quote(value)}.`,
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
