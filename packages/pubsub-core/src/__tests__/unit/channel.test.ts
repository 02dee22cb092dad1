import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertAddress,
  familyOf,
  matchTemplate,
  maxNameBytes,
  quote,
  whyNotAddress,
  whyNotEventName,
  whyNotTemplate,
} from '../../channel.ts';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('an event name', () => {
  test.each(['orders:created', 'a:b', 'order-lines:created_v2', 'A_b-c:9.x', 'constructor:call'])(
    '%s is one',
    (name) => {
      expect(whyNotEventName(name)).toBeUndefined();
    },
  );

  test.each([
    '',
    'orders',
    ':created',
    'orders:',
    'orders:a:b',
    'orders created',
    'orders: created',
    'orders:created\n',
    'orders/x:created',
    '__proto__:created',
    'orders:__proto__',
    '1orders:created',
    'orders:-created',
    'órders:created',
    'orders:\u0000',
    undefined,
    null,
    7,
    {},
  ])('%j is none, and the reason says the form', (name) => {
    expect(whyNotEventName(name)).toContain('family:verb');
  });

  test('is at most 255 bytes', () => {
    const family = 'orders:';
    expect(whyNotEventName(family + 'x'.repeat(maxNameBytes - family.length))).toBeUndefined();
    expect(whyNotEventName(family + 'x'.repeat(maxNameBytes - family.length + 1))).toContain(
      '255 bytes',
    );
  });
});

test('the family is what stands before the colon', () => {
  expect(familyOf('orders:created')).toBe('orders');
  expect(familyOf('order-lines:created.v2')).toBe('order-lines');
});

describe('a template', () => {
  test.each([
    'orders',
    'orders/:id',
    'chat/:room/:thread',
    'orders/new',
    'a/b.c/9',
    'orders/:constructor',
  ])('%s is one', (template) => {
    expect(whyNotTemplate(template)).toBeUndefined();
  });

  test.each([
    ['', 'family'],
    ['/orders', 'family'],
    [':id', 'family'],
    ['__proto__', 'family'],
    ['orders/', '""'],
    ['orders//x', '""'],
    ['orders/:', '":"'],
    ['orders/:1', '":1"'],
    ['orders/:a-b', '":a-b"'],
    ['orders/:__proto__', '":__proto__"'],
    ['orders/__proto__', '"__proto__"'],
    ['orders/..', '".."'],
    ['orders/*', '"*"'],
    ['orders/x:id', '"x:id"'],
    ['orders/:id/:id', '":id"'],
    ['orders/ü', '"ü"'],
    ['orders\n', 'family'],
    [undefined, 'family'],
    [7, 'family'],
  ])('%j is none, and the reason names %s', (template, named) => {
    expect(whyNotTemplate(template)).toContain(named);
  });

  test('is at most 255 bytes', () => {
    expect(whyNotTemplate('o'.repeat(maxNameBytes))).toBeUndefined();
    expect(whyNotTemplate('o'.repeat(maxNameBytes + 1))).toContain('255 bytes');
  });
});

describe('an address', () => {
  test.each([
    'orders',
    'orders/42',
    'chat/日本/😀',
    'a/b:c',
    'a/%2F',
    'a/{x}',
    'a/*',
    'constructor',
    'a/...',
    'a/__proto',
    'a/\'"',
  ])('%s is one', (channel) => {
    expect(whyNotAddress(channel)).toBeUndefined();
    expect(() => assertAddress(channel)).not.toThrow();
  });

  const hostile: readonly unknown[] = [
    '',
    '/',
    '/orders',
    'orders/',
    'orders//42',
    '.',
    '..',
    'orders/.',
    'orders/../admin',
    '__proto__',
    'orders/__proto__',
    'orders/__proto__/x',
    ':id',
    'orders/:id',
    'orders?x=1',
    'orders#x',
    String.raw`orders\x`,
    '\ud800',
    'orders/\udc00x',
    undefined,
    null,
    0,
    42,
    true,
    [],
    ['orders'],
    {},
    { toString: 1, valueOf: 1 },
  ];
  test.each(hostile.map((channel) => [channel]))('%j is none', (channel) => {
    expect(whyNotAddress(channel)).toBeTypeOf('string');
    expect(() => assertAddress(channel, ['channels', 0])).toThrow(
      expect.objectContaining({ name: 'PubSubError', code: 'bad_channel', path: ['channels', 0] }),
    );
  });

  test('holds no control or format character and no white space of any script, wherever it stands', () => {
    const every = Array.from({ length: 0x11_00_00 }, (_, code) => String.fromCodePoint(code));
    const forbidden = every.filter((character) => /[\s\p{Cc}\p{Cf}]/u.test(character));
    // Zero-width, bidi, byte order mark, and a tag from beyond the first plane.
    expect(forbidden).toEqual(
      expect.arrayContaining(['\u200b', '\u200d', '\u202e', '\u2066', '\ufeff', '\u{e0041}']),
    );
    for (const character of forbidden) {
      for (const channel of [character, `${character}a`, `a${character}`, `a/${character}b`]) {
        expect(whyNotAddress(channel), JSON.stringify(channel)).toBeTypeOf('string');
      }
    }
  });

  test.each(['x', 'ü', '日', '😀'])('is at most 255 bytes of UTF-8, counted in %s', (character) => {
    const most = Math.floor(maxNameBytes / bytes(character));
    const longest = character.repeat(most) + 'x'.repeat(maxNameBytes - most * bytes(character));
    expect(bytes(longest)).toBe(maxNameBytes);
    expect(whyNotAddress(longest)).toBeUndefined();
    expect(whyNotAddress(`${longest}x`)).toContain('255 bytes');
  });

  test('judges anything without throwing, and what it passes survives a URL, a header and JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), (value) => {
        if (whyNotAddress(value) !== undefined) return;
        const channel = value as string;
        expect(decodeURIComponent(encodeURIComponent(channel))).toBe(channel);
        expect(new URLSearchParams({ channel }).get('channel')).toBe(channel);
        expect(JSON.parse(JSON.stringify({ [channel]: 1 }))).toEqual({ [channel]: 1 });
        expect(bytes(channel)).toBeLessThanOrEqual(maxNameBytes);
      }),
    );
  });
});

describe('matching', () => {
  test.each([
    ['orders', 'orders', {}],
    ['orders', 'orders/42', undefined],
    ['orders/:id', 'orders/42', { id: '42' }],
    ['orders/:id', 'orders', undefined],
    ['orders/:id', 'orders/', undefined],
    ['orders/:id', 'orders/42/lines', undefined],
    ['orders/:id', 'Orders/42', undefined],
    ['chat/:room/:thread', 'chat/a/b', { room: 'a', thread: 'b' }],
    ['chat/:room/log', 'chat/日本/log', { room: '日本' }],
    ['chat/:room/log', 'chat/a/b', undefined],
  ])('%s against %s gives %j', (template, channel, params) => {
    expect(matchTemplate(template, channel)).toEqual(params);
  });

  test('a parameter named like a member of every object is a parameter', () => {
    const params = matchTemplate('a/:constructor/:toString', 'a/b/c');
    expect(params && Object.entries(params)).toEqual([
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });
});

describe('quoting', () => {
  test('shortens and escapes, and never throws', () => {
    expect(quote('a"b\n')).toBe(String.raw`"a\"b\n"`);
    expect(quote('x'.repeat(1000))).toBe(`"${'x'.repeat(76)}…"`);
    expect([undefined, null, 7, true, 7n, Symbol('s')].map(quote)).toEqual([
      'undefined',
      'null',
      '7',
      'true',
      '7',
      'Symbol(s)',
    ]);
    expect([{}, [], Object.create(null), { toString: 1 }].map(quote)).toEqual([
      'an object',
      'an array',
      'an object',
      'an object',
    ]);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(quote(value).length).toBeLessThanOrEqual(80);
      }),
    );
  });
});
