import { seededRandom } from '@hipponot/chaos';
import { isOpen, nextStep, type Order, type OrderEvent } from '../orders.ts';
import { someLines } from '../menu.ts';
import type { OrderBook } from './order-book.ts';

export type Change = Pick<OrderEvent, 'name' | 'payload'>;

export interface SimulatorOptions {
  readonly book: OrderBook;
  /** Tells the world; the book holds the change already. */
  readonly publish: (change: Change) => void;
  /** The same seed gives the same orders at the same intervals. */
  readonly seed: number;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

export interface Simulator {
  readonly running: boolean;
  pause(): void;
  resume(): void;
}

/** No new order comes in while this many are open: a real house would close the door, too. */
const openLimit = 16;

/** Milliseconds that people take, from and to. */
const pace = {
  arrival: [2_600, 6_200],
  created: [4_000, 12_000],
  paid: [9_000, 24_000],
  packed: [12_000, 30_000],
} as const;

/** Fills the book with the last minutes' orders, then plays the house until it is paused. */
export function startSimulator(options: SimulatorOptions): Simulator {
  const { book, publish, seed, now = Date.now } = options;
  const random = seededRandom(seed);
  const timers = new Set<NodeJS.Timeout>();
  /** Orders that have their next step ahead of them. */
  const waiting = new Set<string>();
  let number = 1021;
  let running = false;

  const between = ([from, to]: readonly [number, number]): number =>
    Math.round(from + random() * (to - from));

  function after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  }

  function change(what: Change): void {
    book.apply(what);
    publish(what);
  }

  function newOrder(placedAt: number): Change {
    number = number >= 9999 ? 1000 : number + 1;
    return {
      name: 'orders:created',
      payload: {
        orderId: String(number),
        ...someLines(random),
        placedAt: new Date(placedAt).toISOString(),
      },
    };
  }

  function arrive(): void {
    after(between(pace.arrival), () => {
      if (book.orders.filter(isOpen).length < openLimit) change(newOrder(now()));
      look();
      arrive();
    });
  }

  /** Gives every open order somebody who takes it a step further, whoever created it. */
  function look(): void {
    for (const { orderId, status } of book.orders) {
      if (waiting.has(orderId) || nextStep(status) === undefined) continue;
      waiting.add(orderId);
      after(between(pace[status as keyof typeof pace] ?? pace.paid), () => {
        waiting.delete(orderId);
        advance(book.orders.find((order) => order.orderId === orderId));
      });
    }
  }

  function advance(order: Order | undefined): void {
    const step = order && nextStep(order.status);
    if (!order || !step) return;
    const { orderId } = order;
    // Some people change their mind, before they pay.
    if (order.status === 'created' && random() < 0.05) {
      change({ name: 'orders:cancelled', payload: { orderId, reason: 'changed their mind' } });
    } else {
      change({ name: `orders:${step}`, payload: { orderId } });
    }
    look();
  }

  // The morning so far: nobody was there to hear of it, so nothing of it is published.
  for (let age = 14; age > 0; age -= 1) {
    const created = newOrder(now() - age * 11_000);
    const { orderId } = created.payload;
    book.apply(created);
    const done = Math.min(3, Math.floor(age / 4 + random()));
    for (const step of (['paid', 'packed', 'shipped'] as const).slice(0, done)) {
      book.apply({ name: `orders:${step}`, payload: { orderId } });
    }
  }

  const simulator: Simulator = {
    get running() {
      return running;
    },
    pause() {
      running = false;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      waiting.clear();
    },
    resume() {
      if (running) return;
      running = true;
      look();
      arrive();
    },
  };
  return simulator;
}
