import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeartbeatWheel } from '../../../server/heartbeat-wheel.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('each member beats once an interval, and never later than it', () => {
  const wheel = new HeartbeatWheel(15_000);
  const beats: number[][] = [];
  const startedAt = Date.now();
  for (let joined = 0; joined < 20; joined += 1) {
    const own: number[] = [Date.now() - startedAt];
    beats.push(own);
    wheel.add({ beat: () => own.push(Date.now() - startedAt) });
    vi.advanceTimersByTime(700);
  }
  vi.advanceTimersByTime(60_000);
  for (const own of beats) {
    expect(own.length).toBeGreaterThan(4);
    for (const [index, at] of own.entries())
      expect(at - (own[index - 1] ?? at)).toBeLessThanOrEqual(15_000);
  }
  // They do not all beat in the same moment.
  expect(new Set(beats.map((own) => own.at(-1))).size).toBeGreaterThan(5);
});

test('one timer for all, and none once the last one left', () => {
  const wheel = new HeartbeatWheel(1000);
  const members = Array.from({ length: 100 }, () => ({ beat: vi.fn<() => void>() }));
  for (const member of members) wheel.add(member);
  expect(vi.getTimerCount()).toBe(1);
  for (const member of members) wheel.remove(member);
  wheel.remove(members[0]!);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  for (const { beat } of members) expect(beat).not.toHaveBeenCalled();
});

test('a member may leave in its own beat', () => {
  const wheel = new HeartbeatWheel(1000);
  const leaving = { beat: (): void => wheel.remove(leaving) };
  const staying = { beat: vi.fn<() => void>() };
  wheel.add(leaving);
  wheel.add(staying);
  vi.advanceTimersByTime(2000);
  expect(staying.beat).toHaveBeenCalledTimes(2);
});
