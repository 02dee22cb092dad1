import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCursor, parseCursor } from '../../cursor.ts';

describe('a cursor', () => {
  test('comes back from its text', () => {
    const cursors = fc.record({
      epoch: fc.stringMatching(/^[\w-]{1,64}$/),
      offset: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  test('is written in one way only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const cursor = parseCursor(text);
        if (cursor) expect(formatCursor(cursor)).toBe(text);
      }),
    );
  });

  test.each([
    ['e:0', { epoch: 'e', offset: 0 }],
    ['e:9007199254740991', { epoch: 'e', offset: Number.MAX_SAFE_INTEGER }],
    ['-_09azAZ:7', { epoch: '-_09azAZ', offset: 7 }],
    [`${'x'.repeat(64)}:1`, { epoch: 'x'.repeat(64), offset: 1 }],
    ['__proto__:1', { epoch: '__proto__', offset: 1 }],
  ])('%s is one', (text, cursor) => {
    expect(parseCursor(text)).toEqual(cursor);
  });

  const hostile: readonly unknown[] = [
    '',
    ':',
    'e',
    'e:',
    ':1',
    '1',
    'e:-1',
    'e:+1',
    'e:01',
    'e:00',
    'e:1.0',
    'e:1e3',
    'e:0x1',
    'e:9007199254740992',
    'e:99999999999999999',
    'e:Infinity',
    'e:NaN',
    'e: 1',
    ' e:1',
    'e:1 ',
    'e:1\n',
    'e:1\r\nid: 2',
    'e:\u0661',
    'é:1',
    'e.f:1',
    'e:1:2',
    'e:1~e:2',
    `${'x'.repeat(65)}:1`,
    `e:${'1'.repeat(100_000)}`,
    null,
    undefined,
    1,
    true,
    {},
    [],
    ['e:1'],
    { epoch: 'e', offset: 1 },
    { toString: () => 'e:1' },
  ];
  test.each(hostile.map((text) => [text]))('%j is none', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});
