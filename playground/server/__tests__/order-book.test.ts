import { expect, it } from 'vitest';
import { OrderBook, OrderRefused } from '../order-book.ts';

const placed = (orderId: string) => ({
  name: 'orders:created' as const,
  payload: {
    orderId,
    lines: [{ item: 'espresso', quantity: 1 }],
    total: 2.4,
    placedAt: `2026-11-25T08:00:${orderId.slice(-2)}.000Z`,
  },
});

it('refuses what can not be, and says why', () => {
  const book = new OrderBook();
  book.apply(placed('1001'));
  const refused = (change: Parameters<OrderBook['apply']>[0], why: string) =>
    expect(() => book.apply(change)).toThrow(new OrderRefused(why));
  refused(placed('1001'), 'Order 1001 exists already.');
  refused({ name: 'orders:paid', payload: { orderId: '1002' } }, 'There is no order 1002.');
  refused(
    { name: 'orders:shipped', payload: { orderId: '1001' } },
    "Order 1001 is created: it can't be shipped now.",
  );
  book.apply({ name: 'orders:cancelled', payload: { orderId: '1001', reason: 'late' } });
  refused(
    { name: 'orders:paid', payload: { orderId: '1001' } },
    'Order 1001 is cancelled: nothing more happens to it.',
  );
});

it('knows how many orders are to be made first', () => {
  const book = new OrderBook();
  for (const id of ['1001', '1002', '1003']) book.apply(placed(id));
  expect(book.ahead('1003')).toBe(2);
  expect(book.ahead('1001')).toBe(0);
});
