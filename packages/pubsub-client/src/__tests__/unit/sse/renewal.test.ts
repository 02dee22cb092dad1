import { describe, expect, test } from 'vitest';
import { step, type Input, type State } from '../../../sse/machine.ts';
import {
  after,
  attached,
  describeEffects,
  describeState,
  drain,
  ended,
  hello,
  moment,
  tick,
  wanted,
} from '../../mocks/machine-words.ts';

// The moment of machine-words is 100_000: there every stream here says its hello.

/** A stream that serves, on credentials that live this long. */
function serving(expiresInMs: number, heartbeatMs = 15_000): State {
  return after(wanted('a'), hello(1, { expiresInMs, heartbeatMs }), attached(1, 'a'));
}

function outcome(state: State, input: Input, now: number): string {
  const result = step(state, input, moment(now));
  return [describeState(result.state), ...describeEffects(result.effects, now)].join(' | ');
}

describe('credentials that are about to expire', () => {
  test.each([
    [300, 15_000, 270],
    [2000, 300, 600],
    [2000, 15_000, 1800],
    [60_000, 15_000, 30_000],
  ])(
    'of %i ms on heartbeats of %i ms are looked at after %i ms',
    (expiresInMs, heartbeatMs, first) => {
      const opening = step(after(), wanted('a'), moment()).state;
      expect(outcome(opening, hello(1, { expiresInMs, heartbeatMs }), 100_000)).toBe(
        `1~ | wake ${first}`,
      );
    },
  );

  test('are renewed at 90 % of their life, between two looks at life itself', () => {
    let state = serving(2000, 300);
    for (const [now, due] of [
      [100_600, 600],
      [101_200, 600],
    ] as const) {
      const looked = step(state, tick({ 1: now }), moment(now));
      expect(describeEffects(looked.effects, now)).toEqual([`wake ${due}`]);
      ({ state } = looked);
    }
    expect(outcome(state, tick({ 1: 101_800 }), 101_800)).toBe('1 2r… | open 2 | wake 600');
  });

  test('are renewed as soon as the stream is settled, without an alarm for it', () => {
    const unsettled = after(wanted('a'), hello(1, { expiresInMs: 2000 }));
    const late = step(unsettled, tick({ 1: 101_800 }), moment(101_800));
    expect(describeEffects(late.effects, 101_800)).toEqual(['wake 30000']);
    expect(outcome(late.state, attached(1, 'a'), 103_000)).toBe('1 2r… | open 2 | wake 15000');
  });

  test('do not go into a successor that opens for another reason', () => {
    expect(outcome(serving(2000), wanted('a b'), 101_900)).toBe('1 2r… | open 2');
    expect(outcome(serving(2000), wanted('a b'), 101_000)).toBe('1 2… | open 2');
    const waiting = step(serving(2000), drain(1), moment()).state;
    expect(outcome(waiting, tick({ 1: 102_000 }), 102_000)).toContain('1 2r… | open 2');
  });

  test('that expire at once are renewed ten times a second at most', () => {
    expect(outcome(serving(0), tick({ 1: 100_000 }), 100_099)).toBe('1 | wake 1');
    expect(outcome(serving(0), tick({ 1: 100_100 }), 100_100)).toContain('1 2r… | open 2');
    expect(outcome(serving(0), drain(1, 0, 'expired'), 100_099)).toBe('1 wait');
  });
});

describe('a drain because they expired', () => {
  test('is a renewal, without a wait', () => {
    expect(outcome(serving(2000), drain(1, 0, 'expired'), 100_100)).toBe('1 2r… | open 2');
    expect(outcome(serving(2000), drain(1, 0, 'rotation'), 100_100)).toBe('1 wait | wake 350');
  });

  test('waits where the server asks for a wait', () => {
    expect(outcome(serving(2000), drain(1, 1000, 'expired'), 100_100)).toBe('1 wait | wake 1250');
  });

  test('leaves a renewal that is under way alone', () => {
    const renewing = step(serving(2000), drain(1, 0, 'expired'), moment(101_800)).state;
    const drained = step(renewing, drain(1, 0, 'expired'), moment(102_000));
    expect(describeState(drained.state)).toBe('1 2r…');
    expect(describeState(step(drained.state, ended(1), moment(102_001)).state)).toBe('2r…');
  });
});
