import { describe, expect, test } from 'vitest';
import { errorCodes, type ErrorCode } from '../../error-codes.ts';
import { PubSubError } from '../../pubsub-error.ts';

const rows = Object.entries(errorCodes);

describe('the table of error codes', () => {
  test.each(rows)(
    '%s has a status of HTTP or none, and says what happened',
    (code, { status, meaning }) => {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect([0, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 504]).toContain(
        status,
      );
      expect(meaning).toMatch(/^[A-Z`].*\.$/);
      // PROTOCOL.md prints it into a table.
      expect(meaning).not.toMatch(/[|\n]/);
    },
  );

  test('a request that is wrong stays wrong; only a full or failing server may be asked again', () => {
    const retried = rows
      .filter(([, { status, retryable }]) => status > 0 && retryable)
      .map(([code]) => code);
    expect(retried).toEqual(['too_many_streams', 'too_many_emits', 'internal', 'unavailable']);
  });

  test('what may have taken effect is never retried by itself', () => {
    for (const code of [
      'in_doubt',
      'action_failed',
      'emit_conflict',
      'bad_result',
    ] satisfies ErrorCode[]) {
      expect(errorCodes[code].retryable).toBe(false);
    }
  });

  test('no two codes mean the same', () => {
    expect(new Set(rows.map(([, { meaning }]) => meaning)).size).toBe(rows.length);
  });
});

describe('PubSubError', () => {
  test('is an Error with a name, a code and a stack of the place', () => {
    const error = new PubSubError('bad_payload', 'The total is no number.');
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('PubSubError: The total is no number.');
    expect(error.stack).toContain('error-codes.test');
    expect(error).toMatchObject({ code: 'bad_payload', retryable: false });
    expect('cause' in error).toBe(false);
  });

  test('carries its parts', () => {
    const cause = new Error('socket');
    const parts = {
      retryable: true,
      path: ['payload', 'items', 0],
      issues: [{ message: 'too small', path: ['total'] }],
      retryAfterMs: 500,
      status: 503,
    };
    const error = new PubSubError('unavailable', 'Later.', { cause, ...parts });
    expect(error).toMatchObject(parts);
    expect(error.cause).toBe(cause);
  });
});
