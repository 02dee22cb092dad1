import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { createPubSub } from '@hipponot/pubsub-server';
import { afterEach, describe, expect, it } from 'vitest';
import { contract } from '../../contract.ts';
import { journaled } from '../journal.ts';
import { OrderBook } from '../order-book.ts';
import { createAppRouter, type House } from '../router.ts';
import { may, principalOf } from '../users.ts';

const { adapter, journal } = journaled(memory());
const pubsub = createPubSub({
  contract,
  adapter,
  channels: {
    orders: { authorize: may },
    'chat/:room': { authorize: may },
    house: { authorize: may },
  },
});
let changes: Parameters<House['change']>[0][] = [];
const house: House = { change: (switches) => void changes.push(switches) };
const router = createAppRouter({ book: new OrderBook(), journal, house, adapter, pubsub });
const as = (authorization?: string) =>
  router.createCaller({ principal: principalOf(authorization) });
const after = { epoch: 'none', offset: 0 };

afterEach(() => void (changes = []));

describe('somebody without credentials', () => {
  it('watches the orders, and what is read beside them', async () => {
    const anybody = as();
    await expect(anybody.orders.list()).resolves.toEqual([]);
    await expect(anybody.journal.since({ channel: 'orders', after })).resolves.toBeDefined();
    await expect(anybody.pubsub.history({ channel: 'orders' })).resolves.toMatchObject({
      events: [],
    });
    await expect(anybody.house.about()).resolves.toMatchObject({ adapter: 'memory' });
  });

  it('hears nothing of what people say, on no way in', async () => {
    const channel = 'chat/kitchen';
    const forbidden = { code: 'FORBIDDEN' };
    await expect(as().journal.since({ channel, after })).rejects.toMatchObject(forbidden);
    await expect(as().pubsub.history({ channel })).rejects.toMatchObject(forbidden);
  });

  it('changes nothing, and is told why', async () => {
    const { house: switches, pubsub: events } = as();
    const unauthorized = { code: 'UNAUTHORIZED', message: 'This is for those who work here.' };
    await expect(switches.run(false)).rejects.toMatchObject(unauthorized);
    await expect(switches.cut(true)).rejects.toMatchObject(unauthorized);
    expect(changes).toEqual([]);
    await expect(
      events.emit({ name: 'orders:paid', payload: { orderId: '1042' } }),
    ).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'This user may not emit to "orders".',
    });
  });
});

it('takes credentials of nobody here for a mistake, not for none', async () => {
  const unauthorized = { code: 'UNAUTHORIZED' };
  const stranger = as('Bearer zoe');
  await expect(stranger.orders.list()).rejects.toMatchObject(unauthorized);
  await expect(stranger.house.about()).rejects.toMatchObject(unauthorized);
  await expect(stranger.pubsub.history({ channel: 'orders' })).rejects.toMatchObject(unauthorized);
});

it('lets those who work here do all of it', async () => {
  const ada = as('Bearer ada');
  await ada.house.run(false);
  await ada.house.cut(true);
  expect(changes).toEqual([{ running: false }, { cut: true }]);
  await expect(ada.journal.since({ channel: 'chat/kitchen', after })).resolves.toBeDefined();
  await expect(ada.pubsub.history({ channel: 'chat/kitchen' })).resolves.toBeDefined();
});
