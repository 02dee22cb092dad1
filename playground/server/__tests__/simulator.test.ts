import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isOpen, orderLimit } from '../../orders.ts';
import { OrderBook } from '../order-book.ts';
import { startSimulator, type Change } from '../simulator.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 25, 8) }));
afterEach(() => void vi.useRealTimers());

function house(seed: number) {
  const book = new OrderBook();
  const changes: Change[] = [];
  const simulator = startSimulator({ book, seed, publish: (change) => changes.push(change) });
  return { book, changes, simulator };
}

describe('the simulator', () => {
  it('has orders before it publishes the first event', () => {
    const { book, changes, simulator } = house(1);
    expect(book.orders.length).toBeGreaterThan(10);
    expect(book.orders.some(isOpen)).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(changes).toEqual([]);
    expect(simulator.running).toBe(false);
  });

  it('lets orders come in and go out, and never holds more than the book may', () => {
    const { book, changes, simulator } = house(2);
    simulator.resume();
    for (let minute = 0; minute < 30; minute += 1) {
      vi.advanceTimersByTime(60_000);
      expect(book.orders.length).toBeLessThanOrEqual(orderLimit);
      expect(book.orders.filter(isOpen).length).toBeGreaterThan(3);
    }
    const verbs = new Set(changes.map(({ name }) => name));
    expect([...verbs].toSorted()).toEqual([
      'orders:cancelled',
      'orders:created',
      'orders:packed',
      'orders:paid',
      'orders:shipped',
    ]);
    simulator.pause();
  });

  it('does the same for the same seed, and something else for another', () => {
    const [one, same, other] = [house(3), house(3), house(4)].map(({ changes, simulator }) => {
      simulator.resume();
      return { changes, simulator };
    });
    vi.advanceTimersByTime(120_000);
    for (const each of [one, same, other]) each?.simulator.pause();
    expect(one?.changes).toEqual(same?.changes);
    expect(one?.changes).not.toEqual(other?.changes);
  });

  it('is still while it is paused, and leaves no timer', () => {
    const { changes, simulator } = house(5);
    simulator.resume();
    vi.advanceTimersByTime(20_000);
    simulator.pause();
    const before = changes.length;
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(changes).toHaveLength(before);
    simulator.resume();
    vi.advanceTimersByTime(60_000);
    expect(changes.length).toBeGreaterThan(before);
    simulator.pause();
  });
});
