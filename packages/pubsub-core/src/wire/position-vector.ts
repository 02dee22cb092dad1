import { formatCursor, parseCursor, type Cursor } from '../cursor.ts';

const version = '1';

/**
 * The SSE `id:` of a plain client: one delivered position per channel, in the order of the sorted
 * channel list, behind a hash of that list: `1~<hash>~<cursor>~<cursor>…`; a channel without a position
 * is an empty item. Visible ASCII only, so it survives as a header.
 */
export function encodeVector(
  channels: readonly string[],
  positions: ReadonlyMap<string, Cursor>,
): string {
  const sorted = channels.toSorted();
  const items = sorted.map((channel) => {
    const position = positions.get(channel);
    return position ? formatCursor(position) : '';
  });
  return [version, hashList(sorted), ...items].join('~');
}

/**
 * The positions a `Last-Event-ID` holds for this channel list, or `undefined` where it is malformed or
 * was made for another list: the caller then answers `reset`, never an error status.
 */
export function decodeVector(
  channels: readonly string[],
  text: string,
): Map<string, Cursor> | undefined {
  const sorted = channels.toSorted();
  const [given, hash, ...items] = text.split('~');
  if (given !== version || hash !== hashList(sorted) || items.length !== sorted.length)
    return undefined;
  const positions = new Map<string, Cursor>();
  for (const [index, item] of items.entries()) {
    if (item === '') continue;
    const cursor = parseCursor(item);
    const channel = sorted[index];
    if (!cursor || channel === undefined) return undefined;
    positions.set(channel, cursor);
  }
  return positions;
}

/** FNV-1a over the list, 32 bits, base 36: tells lists apart, protects nothing. */
function hashList(sorted: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(sorted.join('\n'))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
