import type { LogEntry } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { FrameCache } from '../../../server/frame.ts';

const entry = (offset: number, size = 0): LogEntry => ({
  cursor: { epoch: 'e', offset },
  id: `id-${offset}`,
  json: JSON.stringify({ id: `id-${offset}`, payload: 'x'.repeat(size) }),
  at: 0,
});

test('an entry is encoded once, with its cursor in front, and parsed once', () => {
  const cache = new FrameCache(10_000);
  const frame = cache.frameOf('ticks', entry(1));
  expect(frame.bytes.toString()).toBe('data: {"cursor":"e:1","id":"id-1","payload":""}\n\n');
  expect(cache.frameOf('ticks', entry(1))).toBe(frame);
  expect(cache.frameOf('tocks', entry(1))).not.toBe(frame);
  expect(frame.envelope).toBe(frame.envelope);
  expect(frame.envelope).toMatchObject({ id: 'id-1' });
});

test('it keeps no more bytes than it may: the oldest leave first', () => {
  const cache = new FrameCache(1000);
  const frames = [1, 2, 3, 4].map((offset) => cache.frameOf('ticks', entry(offset, 300)));
  expect(cache.frameOf('ticks', entry(4, 300))).toBe(frames[3]);
  expect(cache.frameOf('ticks', entry(1, 300))).not.toBe(frames[0]);
  const big = cache.frameOf('ticks', entry(9, 5000));
  expect(cache.frameOf('ticks', entry(9, 5000))).not.toBe(big);
});
