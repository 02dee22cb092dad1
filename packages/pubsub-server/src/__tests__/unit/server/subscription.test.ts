import type { Cursor } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { FrameCache } from '../../../server/frame.ts';
import { Subscription } from '../../../server/subscription.ts';
import { RecordingOutlet } from '../../mocks/recording-outlet.ts';

const frames = new FrameCache(1_000_000);
const at = (epoch: string, offset: number): Cursor => ({ epoch, offset });
const frame = (epoch: string, offset: number) =>
  frames.frameOf('ticks', { cursor: at(epoch, offset), id: 'x', json: '{"id":"x"}', at: 0 });

function open(position: Cursor): { subscription: Subscription; outlet: RecordingOutlet } {
  const outlet = new RecordingOutlet();
  const subscription = new Subscription('ticks', outlet);
  subscription.position = position;
  return { subscription, outlet };
}

test('sends nothing at or before its position, nor of a log that nobody announced', () => {
  const { subscription, outlet } = open(at('e1', 3));
  for (const offset of [2, 3, 4, 4, 5]) subscription.frame(frame('e1', offset));
  subscription.frame(frame('e0', 9));
  expect(outlet.sent).toEqual(
    [4, 5].map((offset) => ({ type: 'event', cursor: at('e1', offset) })),
  );
});

test('a hole that ends at or before its position is old news', () => {
  const { subscription, outlet } = open(at('e1', 7));
  subscription.hole({ outcome: 'gap', from: at('e1', 2), to: at('e1', 7), reason: '' });
  expect(outlet.sent).toEqual([]);
  subscription.hole({ outcome: 'gap', from: at('e1', 2), to: at('e1', 9), reason: 'trimmed' });
  expect(outlet.sent).toEqual([
    { type: 'gap', channel: 'ticks', outcome: 'gap', from: 'e1:7', to: 'e1:9', reason: 'trimmed' },
  ]);
});

test('after a reset the new log is delivered', () => {
  const { subscription, outlet } = open(at('e1', 7));
  subscription.hole({ outcome: 'reset', from: at('e1', 9), to: at('e2', 0), reason: 'recreated' });
  subscription.frame(frame('e2', 1));
  expect(outlet.sent.map(({ type }) => type)).toEqual(['gap', 'event']);
});

test('once closed or refused it sends nothing, and says so once', () => {
  const { subscription, outlet } = open(at('e1', 1));
  let closed = 0;
  subscription.onClose = () => {
    closed += 1;
  };
  subscription.refuse({ code: 'forbidden', message: 'no', retryable: false });
  subscription.refuse({ code: 'forbidden', message: 'no', retryable: false });
  subscription.frame(frame('e1', 2));
  subscription.hole({ outcome: 'gap', from: at('e1', 1), to: at('e1', 5), reason: '' });
  subscription.close();
  expect(outlet.sent.map(({ type }) => type)).toEqual(['revoked']);
  expect(closed).toBe(1);
});
