import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clampHint, delayBefore } from '../../../sse/backoff.ts';
import { policy } from '../../mocks/machine-words.ts';

describe('the wait before a retry', () => {
  test('is jittered from the first retry on, so that no two clients come together', () => {
    const waits = [0, 0.25, 0.5, 0.99].map((random) => delayBefore(1, random, undefined, policy));
    expect(waits).toEqual([100, 225, 350, 595]);
  });

  test('doubles its range with every failure, up to the cap', () => {
    const longest = Array.from(
      { length: 9 },
      (_, index) => delayBefore(index + 1, 1, undefined, policy) - 100,
    );
    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('after a thousand failures is still a number', () => {
    expect(delayBefore(2000, 1, undefined, policy)).toBe(30_100);
  });

  test('is never shorter than the server asked for, and jittered on top', () => {
    expect(delayBefore(1, 0, 7000, policy)).toBe(7000);
    expect(delayBefore(1, 1, 7000, policy)).toBe(7500);
  });

  test.each([
    [0, 100],
    [-5, 100],
    [Number.NaN, 100],
    [99_999_999_999_999, 300_000],
    [Number.POSITIVE_INFINITY, 300_000],
  ])('a hint of %d ms counts as %d', (hint, counted) => {
    expect(clampHint(hint)).toBe(counted);
  });

  test('stays within its bounds, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.double()),
        (failures, random, hint) => {
          const wait = delayBefore(failures, random, hint ?? undefined, policy);
          expect(wait).toBeGreaterThanOrEqual(100);
          expect(wait).toBeLessThanOrEqual(330_000);
        },
      ),
    );
  });
});
