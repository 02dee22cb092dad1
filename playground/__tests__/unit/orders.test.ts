import { describe, expect, it } from 'vitest';
import { applyOrderEvent, orderLimit, type Order, type OrderEvent } from '../../orders.ts';

function created(orderId: string, placedAt: string): OrderEvent {
  const payload = { orderId, lines: [{ item: 'espresso', quantity: 1 }], total: 2.4, placedAt };
  return { ...envelope, name: 'orders:created', payload };
}

function step(verb: 'paid' | 'packed' | 'shipped', orderId: string): OrderEvent {
  return { ...envelope, name: `orders:${verb}`, payload: { orderId } };
}

const envelope = { id: 'id', channel: 'orders', timestamp: '2026-11-25T08:00:00.000Z' };
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 25, 8, minute)).toISOString();
const after = (...events: OrderEvent[]): Order[] => events.reduce(applyOrderEvent, []);

describe('applyOrderEvent', () => {
  it('puts the newest order first, in whatever order they are told', () => {
    const orders = after(created('1002', at(2)), created('1001', at(1)), created('1003', at(3)));
    expect(orders.map(({ orderId }) => orderId)).toEqual(['1003', '1002', '1001']);
  });

  it('takes an order through its steps', () => {
    const orders = after(created('1001', at(1)), step('paid', '1001'), step('packed', '1001'));
    expect(orders[0]?.status).toBe('packed');
  });

  it('changes nothing when an event is told again, or when it is old news', () => {
    const events = [created('1001', at(1)), step('paid', '1001'), step('packed', '1001')];
    const orders = after(...events);
    for (const event of events) expect(applyOrderEvent(orders, event)).toBe(orders);
  });

  it('leaves a finished order as it is', () => {
    const cancelled = {
      ...envelope,
      name: 'orders:cancelled',
      payload: { orderId: '1001', reason: 'late' },
    } satisfies OrderEvent;
    expect(after(created('1001', at(1)), cancelled, step('paid', '1001'))[0]?.status).toBe(
      'cancelled',
    );
  });

  it('holds at most so many, and lets go of the oldest finished one first', () => {
    const events = Array.from({ length: orderLimit }, (_, index) =>
      created(String(1000 + index), at(index)),
    );
    const done = ['paid', 'packed', 'shipped'].map((verb) => step(verb as 'paid', '1005'));
    const orders = after(...events, ...done, created('2000', at(99)));
    expect(orders).toHaveLength(orderLimit);
    expect(orders.some(({ orderId }) => orderId === '1005')).toBe(false);
    expect(orders.at(-1)?.orderId).toBe('1000');
  });
});
