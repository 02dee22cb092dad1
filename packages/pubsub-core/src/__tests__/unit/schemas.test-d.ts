import { type } from 'arktype';
import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineContract } from '../../define-contract.ts';
import { defineEvent } from '../../define-event.ts';
import type { EnvelopeNamed, EventNamed, PayloadInputOf, ResultOf } from '../../types/contract.ts';

interface Tree {
  label: string;
  children: Tree[];
}

test('valibot schemas type payload, input and result', () => {
  const moved = defineEvent({
    name: 'boards:moved',
    channel: 'boards/:id',
    direction: 'BOTH',
    payloadSchema: v.object({
      card: v.string(),
      tags: v.array(v.string()),
      place: v.optional(v.number(), 0),
    }),
    resultSchema: v.object({ place: v.number() }),
  });
  const contract = defineContract({ events: [moved] });
  type C = typeof contract;
  expectTypeOf<EnvelopeNamed<C, 'boards:moved'>['payload']>().toEqualTypeOf<{
    card: string;
    tags: string[];
    place: number;
  }>();
  expectTypeOf<PayloadInputOf<EventNamed<C, 'boards:moved'>>>().toEqualTypeOf<{
    card: string;
    tags: string[];
    place?: number | undefined;
  }>();
  expectTypeOf<ResultOf<EventNamed<C, 'boards:moved'>>>().toEqualTypeOf<{ place: number }>();
});

test('arktype schemas type payload, input and result', () => {
  const moved = defineEvent({
    name: 'boards:moved',
    channel: 'boards/:id',
    direction: 'BOTH',
    payloadSchema: type({ card: 'string', tags: 'string[]', 'place?': 'number' }),
    resultSchema: type({ place: 'number' }),
  });
  const contract = defineContract({ events: [moved] });
  type C = typeof contract;
  expectTypeOf<EnvelopeNamed<C, 'boards:moved'>['payload']>().toEqualTypeOf<{
    card: string;
    tags: string[];
    place?: number;
  }>();
  expectTypeOf<ResultOf<EventNamed<C, 'boards:moved'>>>().toEqualTypeOf<{ place: number }>();
});

test('one contract mixes schema libraries', () => {
  const contract = defineContract({
    events: [
      defineEvent({ name: 'a:zod', channel: 'a', payloadSchema: z.object({ n: z.number() }) }),
      defineEvent({ name: 'a:valibot', channel: 'a', payloadSchema: v.object({ n: v.number() }) }),
      defineEvent({ name: 'a:arktype', channel: 'a', payloadSchema: type({ n: 'number' }) }),
      defineEvent({ name: 'a:none', channel: 'a' }),
    ],
  });
  type C = typeof contract;
  type Numbers = EnvelopeNamed<C, 'a:zod' | 'a:valibot' | 'a:arktype'>['payload'];
  expectTypeOf<Numbers>().toEqualTypeOf<{ n: number }>();
  expectTypeOf<EnvelopeNamed<C, 'a:none'>['payload']>().toEqualTypeOf<unknown>();
});

test('every shape of JSON is a payload', () => {
  const tree: z.ZodType<Tree, Tree> = z.lazy(() =>
    z.object({ label: z.string(), children: z.array(tree) }),
  );
  const shape = z.object({
    list: z.array(z.object({ deep: z.array(z.array(z.number())) })),
    pair: z.tuple([z.string(), z.number().nullable()]),
    record: z.record(z.string(), z.boolean()),
    union: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), a: z.string() }),
      z.object({ kind: z.literal('b'), b: z.number().optional() }),
    ]),
    brand: z.string().brand<'OrderId'>(),
    choice: z.enum(['x', 'y']),
    free: z.unknown(),
    json: z.json(),
    readonly: z.array(z.string()).readonly(),
    tree,
  });
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: shape });
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: z.string() });
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: z.array(z.string()) });
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: z.object({}) });
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: z.null() });
});

test('what JSON would change or lose is no payload', () => {
  const either = z.union([z.object({ x: z.string() }), z.object({ y: z.date() })]);
  // @ts-expect-error a date in one branch of a union
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: either });
  const big = z.object({ n: z.bigint() });
  // @ts-expect-error a bigint throws in JSON.stringify
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: big });
  const map = z.object({ m: z.map(z.string(), z.string()) });
  // @ts-expect-error a Map becomes {}
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: map });
  const set = z.object({ s: z.set(z.string()).optional() });
  // @ts-expect-error a Set becomes {}
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: set });
  const record = z.record(z.string(), z.date());
  // @ts-expect-error dates as values of a record
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: record });
  const pair = z.tuple([z.string(), z.date()]);
  // @ts-expect-error a date in a tuple
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: pair });
  const dated = v.object({ at: v.date() });
  // @ts-expect-error the same in valibot
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: dated });
  const dates = type({ at: 'Date[]' });
  // @ts-expect-error the same in arktype
  defineEvent({ name: 'a:b', channel: 'a', payloadSchema: dates });
});
