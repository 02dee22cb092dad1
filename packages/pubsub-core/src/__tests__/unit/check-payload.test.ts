import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkPayload } from '../../check-payload.ts';
import { defineContract } from '../../define-contract.ts';
import { defineEvent } from '../../define-event.ts';

type Validate = StandardSchemaV1['~standard']['validate'];

const schema = (validate: Validate): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

describe('checking a payload', () => {
  test('finds nothing wrong with one that fits, with an unknown event, and without a schema', () => {
    const contract = defineContract({
      events: [
        defineEvent({
          name: 'orders:paid',
          channel: 'orders',
          payloadSchema: z.object({ n: z.number() }),
        }),
        defineEvent({ name: 'orders:seen', channel: 'orders' }),
      ],
    });
    expect(contract.check('orders:paid', { n: 1 })).toBeUndefined();
    expect(contract.check('orders:unheard', 7)).toBeUndefined();
    expect(contract.check('orders:seen', 7)).toBeUndefined();
    expect(contract.check('orders:paid', { n: 'one' })).toMatchObject({
      code: 'bad_payload',
      path: ['payload', 'n'],
    });
  });

  test('says every fault and its path, of whatever kind the keys are', () => {
    const issues: StandardSchemaV1.Issue[] = [
      { message: 'one', path: ['a', 0, { key: 'b' }] },
      { message: 'two', path: [Symbol('c')] },
      { message: 'three' },
    ];
    expect(
      checkPayload(
        schema(() => ({ issues })),
        'a:b',
        1,
      ),
    ).toMatchObject({
      code: 'bad_payload',
      message: expect.stringContaining('payload.a.0.b: one'),
      path: ['payload', 'a', 0, 'b'],
      issues: [
        { message: 'one', path: ['payload', 'a', 0, 'b'] },
        { message: 'two', path: ['payload', 'Symbol(c)'] },
        { message: 'three', path: ['payload'] },
      ],
    });
  });

  test('takes a schema that throws for one that says no', () => {
    const cause = new Error('boom');
    const throwing = schema(() => {
      throw cause;
    });
    expect(checkPayload(throwing, 'a:b', 1)).toMatchObject({
      code: 'bad_payload',
      message: expect.stringContaining('boom'),
      cause,
    });
  });

  test('leaves asynchronous schemas to the server, without an unhandled rejection', async () => {
    const late = schema(() => Promise.reject(new Error('late')));
    expect(checkPayload(late, 'a:b', 1)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
});
