import {
  assertAddress,
  parseCursor,
  PubSubError,
  quote,
  decodeVector,
} from '@hipponot/pubsub-core';
import type { Limits } from '../../limits.ts';
import type { AttachRequest } from '../attach.ts';
import type { JsonObject } from './read-body.ts';

type Path = readonly (string | number)[];

/** The channels of `POST /stream`. @throws {PubSubError} with the path of what is wrong */
export function parseStreamBody(body: JsonObject, limits: Limits): AttachRequest[] {
  return parseChannelList(body['channels'], limits.channels, limits);
}

/** A list of `{ channel, cursor?, history? }`, each channel once. */
export function parseChannelList(list: unknown, most: number, limits: Limits): AttachRequest[] {
  const path = ['channels'];
  if (!Array.isArray(list) || list.length === 0) {
    throw new PubSubError(
      'bad_request',
      'channels must be a list of at least one { channel, cursor?, history? }.',
      { path },
    );
  }
  assertCount(list.length, most, path);
  const seen = new Set<string>();
  return list.map((item: unknown, index): AttachRequest => {
    if (typeof item !== 'object' || item === null) {
      throw new PubSubError(
        'bad_request',
        `channels.${index} must be { channel, cursor?, history? }.`,
        { path: ['channels', index] },
      );
    }
    const { channel, cursor, history } = item as JsonObject;
    assertAddress(channel, ['channels', index, 'channel']);
    assertOnce(channel, seen, ['channels', index, 'channel']);
    const position = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && !position) throw badCursor(cursor, ['channels', index, 'cursor']);
    return {
      channel,
      cursor: position,
      history: parseHistory(history, limits, ['channels', index, 'history']),
    };
  });
}

/** The channels of `GET /stream`. @throws {PubSubError}, except for an unreadable `Last-Event-ID` */
export function parseStreamQuery(
  query: URLSearchParams,
  lastEventId: string | undefined,
  limits: Limits,
): AttachRequest[] {
  const channels = query.getAll('channel');
  const path = ['channel'];
  if (channels.length === 0) {
    throw new PubSubError(
      'bad_request',
      'Name at least one channel: ?channel=orders, repeated for more.',
      { path },
    );
  }
  assertCount(channels.length, limits.plainChannels, path);
  const seen = new Set<string>();
  for (const [index, channel] of channels.entries()) {
    assertAddress(channel, ['channel', index]);
    assertOnce(channel, seen, ['channel', index]);
  }
  const text = query.get('history');
  const history = parseHistory(text === null ? undefined : wholeNumber(text), limits, ['history']);
  const requests = channels.map((channel): AttachRequest => ({ channel, history }));
  return lastEventId ? resumeFrom(requests, lastEventId) : requests;
}

/**
 * The requests, from the positions that a `Last-Event-ID` holds. One that can't be read is answered with
 * `reset`: any error status would end an `EventSource` for good.
 */
export function resumeFrom(
  requests: readonly AttachRequest[],
  lastEventId: string,
): AttachRequest[] {
  const channels = requests.map(({ channel }) => channel);
  const positions = decodeVector(channels, lastEventId);
  const unreadable = 'the Last-Event-ID is unreadable, or of another list of channels';
  return requests.map(({ channel, history }) =>
    positions
      ? { channel, history, cursor: positions.get(channel) }
      : { channel, history, unreadable },
  );
}

/**
 * The number that a parameter of a query spells, else the text as it was given. `Number` alone would take
 * "", " 7", "0x10" and "1e2" for numbers, and leave a refusal only `NaN` to show.
 */
export function wholeNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** @throws {PubSubError} `bad_request` unless a whole number from 0 to the limit; 0 where there is none */
function parseHistory(value: unknown, limits: Limits, path: Path): number {
  if (value === undefined) return 0;
  if (
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= limits.historyEvents
  )
    return value;
  throw new PubSubError(
    'bad_request',
    `history must be a whole number from 0 to ${limits.historyEvents}, not ${quote(value)}.`,
    { path },
  );
}

export function badCursor(given: unknown, path: Path): PubSubError {
  return new PubSubError('bad_cursor', `The cursor ${quote(given)} is not <epoch>:<offset>.`, {
    path,
  });
}

function assertCount(count: number, most: number, path: Path): void {
  if (count <= most) return;
  throw new PubSubError(
    'too_many_channels',
    `${count} channels are over the limit of ${most} for one stream.`,
    { path },
  );
}

function assertOnce(channel: string, seen: Set<string>, path: Path): void {
  if (seen.has(channel))
    throw new PubSubError('bad_request', `The channel ${quote(channel)} is named twice.`, { path });
  seen.add(channel);
}
