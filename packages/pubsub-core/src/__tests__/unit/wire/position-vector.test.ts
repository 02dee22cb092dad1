import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyNotAddress } from '../../../channel.ts';
import type { Cursor } from '../../../cursor.ts';
import { decodeVector, encodeVector } from '../../../wire/position-vector.ts';

const cursors = fc.record({ epoch: fc.stringMatching(/^[\w-]{1,64}$/), offset: fc.maxSafeNat() });
const addresses = fc
  .oneof(
    fc.stringMatching(/^[a-z]{1,5}(\/[a-z0-9]{1,5}){0,2}$/),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
  )
  .filter((text) => whyNotAddress(text) === undefined);
const streams = fc.uniqueArray(fc.tuple(addresses, fc.option(cursors, { nil: undefined })), {
  maxLength: 32,
  selector: ([channel]) => channel,
});

function positionsOf(
  stream: readonly (readonly [string, Cursor | undefined])[],
): Map<string, Cursor> {
  return new Map(stream.flatMap(([channel, cursor]) => (cursor ? [[channel, cursor]] : [])));
}

describe('a position vector', () => {
  test('gives back each position, in whatever order the channels are named', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const channels = stream.map(([channel]) => channel);
        const positions = positionsOf(stream);
        const text = encodeVector(channels, positions);
        expect(text).toMatch(/^[\x21-\x7e]+$/);
        expect(decodeVector(channels.toReversed(), text)).toEqual(positions);
      }),
    );
  });

  test('is pinned: version, hash of the sorted list, one item a channel', () => {
    const positions = new Map([
      ['orders', { epoch: 'Zk3v9qLmT2aB', offset: 42 }],
      ['chat/42', { epoch: 'b_-7qLmT2aBx', offset: 0 }],
    ]);
    const text = encodeVector(['orders', 'chat/42', 'board'], positions);
    expect(text).toBe('1~80us4b~~b_-7qLmT2aBx:0~Zk3v9qLmT2aB:42');
  });

  test('of another list of channels is none of this one', () => {
    const text = encodeVector(['a', 'b'], new Map([['a', { epoch: 'e', offset: 1 }]]));
    for (const channels of [['a'], ['a', 'c'], ['a', 'b', 'c'], ['a/b'], []]) {
      expect(decodeVector(channels, text)).toBeUndefined();
    }
  });

  test.each([
    ['empty', ''],
    ['a plain id', '42'],
    ['another version', (text: string) => text.replace(/^1/, '2')],
    ['another hash', (text: string) => text.replace(/^1~[^~]+/, '1~0')],
    ['an item too few', (text: string) => text.slice(0, text.lastIndexOf('~'))],
    ['an item too many', (text: string) => `${text}~`],
    ['a broken item', (text: string) => `${text}x`],
    ['a negative offset', (text: string) => text.replace(/:\d+$/, ':-1')],
    ['an offset past 2^53', (text: string) => text.replace(/:\d+$/, ':9007199254740992')],
    ['a header injection', (text: string) => `${text}\r\nx: y`],
  ])('that was tampered with is unreadable, never an error: %s', (_what, tamper) => {
    const positions = new Map([
      ['a', { epoch: 'e', offset: 1 }],
      ['b', { epoch: 'f', offset: 2 }],
    ]);
    const text = encodeVector(['a', 'b'], positions);
    const tampered = typeof tamper === 'string' ? tamper : tamper(text);
    expect(decodeVector(['a', 'b'], tampered)).toBeUndefined();
  });

  test('never throws, and never invents a channel', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), streams, (text, stream) => {
        const channels = stream.map(([channel]) => channel);
        const decoded = decodeVector(channels, text) ?? new Map<string, Cursor>();
        for (const channel of decoded.keys()) expect(channels).toContain(channel);
      }),
    );
  });
});
