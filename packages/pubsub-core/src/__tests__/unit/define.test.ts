import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineContract } from '../../define-contract.ts';
import { defineEvent } from '../../define-event.ts';
import type { AnyEvent } from '../../types/contract.ts';
import type { EventDefinition } from '../../types/definition.ts';

/** A definition as the specification writes it: its names are wide strings, which no type can check. */
function specForm(
  name: string,
  channel: string,
  more: Partial<EventDefinition<unknown>> = {},
): EventDefinition<unknown> {
  return { name, channel, ...more };
}
const badDefinition = (...parts: string[]): unknown =>
  expect.objectContaining({
    name: 'PubSubError',
    code: 'bad_definition',
    message: expect.toSatisfy((message: string) => parts.every((part) => message.includes(part))),
  });

describe('defineEvent', () => {
  test('keeps what it is given, adds the default direction, and freezes', () => {
    const payloadSchema = z.object({ orderId: z.string() });
    const event = defineEvent({
      name: 'orders:created',
      channel: 'orders',
      payloadSchema,
      version: 2,
      description: 'A new order.',
    });
    expect(event).toEqual({
      name: 'orders:created',
      channel: 'orders',
      direction: 'SSE',
      payloadSchema,
      version: 2,
      description: 'A new order.',
    });
    expect(event.payloadSchema).toBe(payloadSchema);
    expect(Object.isFrozen(event)).toBe(true);
    expectTypeOf(event.direction).toEqualTypeOf<'SSE'>();
  });

  test.each([
    ['orders', 'orders', ['"orders"', 'family:verb'], 'name'],
    ['orders:a:b', 'orders', ['"orders:a:b"'], 'name'],
    ['__proto__:x', 'orders', ['"__proto__:x"'], 'name'],
    [`orders:${'x'.repeat(300)}`, 'orders', ['255 bytes'], 'name'],
    ['orders:created', 'orders//x', ['"orders//x"', '"orders:created"'], 'channel'],
    ['orders:created', 'orders/:id/:id', ['":id"', '"orders:created"'], 'channel'],
    ['orders:created', 'orders/:__proto__', ['":__proto__"'], 'channel'],
    ['orders:created', '', ['""', '"orders:created"'], 'channel'],
    ['orders:created', `orders/${'x'.repeat(300)}`, ['255 bytes'], 'channel'],
    ['orders:created', 'chat', ['"chat"', '"orders:created"', '"orders"'], 'channel'],
    ['orders:created', 'orders2', ['"orders2"', '"orders"'], 'channel'],
  ])('of %j on %j names the offender', (name: string, channel: string, parts, field) => {
    expect(() => defineEvent({ name, channel })).toThrow(badDefinition(...parts));
    expect(() => defineEvent({ name, channel })).toThrow(
      expect.objectContaining({ path: [field] }),
    );
  });

  test.each([
    [{ channel: 'orders' }, ['undefined', 'family:verb']],
    [{ name: 7, channel: 'orders' }, ['7']],
    [{ name: 'orders:created' }, ['undefined', '"orders:created"']],
    [{ name: 'orders:created', channel: {} }, ['an object', '"orders:created"']],
    [
      { name: 'orders:created', channel: 'orders', direction: 'sse' },
      ['"sse"', '"orders:created"', 'BOTH'],
    ],
    [{ name: 'orders:created', channel: 'orders', direction: null }, ['null', '"orders:created"']],
  ])('of %j, which only untyped code can write, names the offender', (definition, parts) => {
    expect(() => defineEvent(definition as never)).toThrow(badDefinition(...parts));
  });
});

describe('defineContract', () => {
  const created = defineEvent({ name: 'orders:created', channel: 'orders' });
  const noted = defineEvent({ name: 'orders:noted', channel: 'orders/:id' });
  const opened = defineEvent({ name: 'orders:opened', channel: 'orders/new' });

  test('finds events by name and templates by address', () => {
    const contract = defineContract({ events: [noted, created, opened] });
    expect(contract.event('orders:created')).toBe(created);
    expect(contract.event('orders:paid')).toBeUndefined();
    expect(contract.event('__proto__')).toBeUndefined();
    expect(contract.event('toString')).toBeUndefined();
    expect(contract.match('orders')).toEqual({ template: 'orders', params: {} });
    expect(contract.match('orders/42')).toEqual({ template: 'orders/:id', params: { id: '42' } });
    expect(contract.match('orders/42/lines')).toBeUndefined();
    expect(contract.match('orders/')).toBeUndefined();
    expect(contract.match('chat')).toBeUndefined();
    expect(Object.isFrozen(contract)).toBe(true);
  });

  test('prefers the literal segment, however the events are ordered', () => {
    for (const events of [
      [noted, opened],
      [opened, noted],
    ]) {
      expect(defineContract({ events }).match('orders/new')).toEqual({
        template: 'orders/new',
        params: {},
      });
    }
  });

  test('prefers the earlier literal segment', () => {
    const wide = (template: string, verb: string): EventDefinition<unknown> =>
      specForm(`a:${verb}`, template);
    const contract = defineContract({
      events: [wide('a/:x/:y', 'all'), wide('a/:x/c', 'late'), wide('a/b/:y', 'early')],
    });
    expect(contract.templates).toEqual(['a/b/:y', 'a/:x/c', 'a/:x/:y']);
    expect(contract.match('a/b/c')?.template).toBe('a/b/:y');
    expect(contract.match('a/z/c')?.template).toBe('a/:x/c');
    expect(contract.match('a/z/z')?.template).toBe('a/:x/:y');
  });

  test('lists each template once', () => {
    const paid = defineEvent({ name: 'orders:paid', channel: 'orders' });
    expect(defineContract({ events: [created, paid, noted] }).templates).toEqual([
      'orders',
      'orders/:id',
    ]);
  });

  test('of no events is a contract of nothing', () => {
    expect(defineContract({ events: [] }).match('orders')).toBeUndefined();
  });

  test.each([
    [
      'two events of one name',
      [specForm('orders:created', 'orders'), specForm('orders:created', 'orders/:id')],
      ['"orders:created"', 'unique'],
    ],
    [
      'two templates of one shape',
      [specForm('orders:a', 'orders/:id'), specForm('orders:b', 'orders/:orderId')],
      ['"orders/:id"', '"orders/:orderId"'],
    ],
    ['a name outside family:verb', [specForm('orders', 'orders')], ['"orders"', 'family:verb']],
    [
      'a channel that does not parse',
      [specForm('orders:created', 'orders/')],
      ['"orders/"', '"orders:created"'],
    ],
    [
      'a channel of another family',
      [specForm('orders:created', 'chat')],
      ['"chat"', '"orders:created"'],
    ],
    ['a hole in the list', [created, undefined], ['Event 1', 'undefined', 'circle']],
  ])('refuses %s, and names the offender', (_what, events, parts) => {
    expect(() => defineContract({ events: events as AnyEvent[] })).toThrow(badDefinition(...parts));
  });

  test('a name far longer than its bound is quoted shortened', () => {
    const events = [specForm('x'.repeat(100_000), 'orders')];
    expect(() => defineContract({ events })).toThrow(
      expect.objectContaining({
        message: expect.toSatisfy((message: string) => message.length < 300),
      }),
    );
  });
});
