import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { expect, it } from 'vitest';
import { journaled } from '../journal.ts';

it('tells what was published after a position, in order', async () => {
  const { adapter, journal } = journaled(memory());
  await adapter.start();
  const start = await adapter.position('orders');
  for (const id of ['a', 'b', 'c']) await adapter.publish('orders', { id, json: '{}' });
  const after = { ...start, offset: start.offset + 1 };
  expect(journal.since('orders', after).published.map(({ id }) => id)).toEqual(['b', 'c']);
  expect(journal.since('orders', { epoch: 'other', offset: 99 })).toEqual({
    epoch: start.epoch,
    published: [
      { id: 'a', offset: 1 },
      { id: 'b', offset: 2 },
      { id: 'c', offset: 3 },
    ],
  });
  expect(journal.since('chat/kitchen', start).published).toEqual([]);
  await adapter.stop();
});

it('counts a repeated publish once', async () => {
  const { adapter, journal } = journaled(memory());
  await adapter.start();
  const start = await adapter.position('orders');
  await adapter.publish('orders', { id: 'a', json: '{}' });
  await adapter.publish('orders', { id: 'a', json: '{}' });
  expect(journal.since('orders', start).published).toEqual([{ id: 'a', offset: 1 }]);
  await adapter.stop();
});
