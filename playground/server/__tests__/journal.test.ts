import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { createPubSub } from '@hipponot/pubsub-server';
import { createPubSubRouter } from '@hipponot/pubsub-server/trpc';
import { initTRPC } from '@trpc/server';
import { expect, it } from 'vitest';
import { contract } from '../../contract.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { journaled } from '../journal.ts';

const t = initTRPC.create();
const record = (id: string) => ({ id, json: JSON.stringify({ id }) });

it('tells what was published after a position, in order', async () => {
  const { adapter, journal } = journaled(memory());
  await adapter.start();
  const start = await adapter.position('orders');
  for (const id of ['a', 'b', 'c']) await adapter.publish('orders', record(id));
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
  await adapter.publish('orders', record('a'));
  await adapter.publish('orders', record('a'));
  expect(journal.since('orders', start).published).toEqual([{ id: 'a', offset: 1 }]);
  await adapter.stop();
});

it('names an event as clients see it, emitted or published: the ledger finds nothing missed', async () => {
  const { adapter, journal } = journaled(memory());
  const pubsub = createPubSub({
    contract,
    adapter,
    actions: { 'orders:created': async () => ({ ahead: 0 }) },
  });
  const router = createPubSubRouter(pubsub, t);
  const client = router.createCaller({});
  const { cursor: first } = await pubsub.publish('orders:paid', { orderId: '1042' });
  await client.emit({
    id: 'chosen-by-the-client',
    name: 'orders:created',
    payload: {
      orderId: 'A-1',
      lines: [{ item: 'espresso', quantity: 1 }],
      total: 2.4,
      placedAt: '2026-11-25T08:00:00Z',
    },
  });
  const { events } = await client.history({ channel: 'orders' });

  const start = { ...first, offset: first.offset - 1 };
  const ledger = new Ledger();
  ledger.attached({ outcome: 'fresh', replayed: 0, to: start });
  for (const [index, { id }] of events.entries()) {
    ledger.delivered(id, { ...first, offset: first.offset + index });
  }
  const { epoch, published } = journal.since('orders', start);
  ledger.published(epoch, published);
  expect(published[1]?.id).toBe('chosen-by-the-client');
  expect(ledger.read()).toMatchObject({ published: 2, seen: 2, missed: 0, twice: 0 });
  await pubsub.stop();
});
