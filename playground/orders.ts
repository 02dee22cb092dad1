import type { EnvelopeOn } from '@hipponot/pubsub-core';
import type { contract } from './contract.ts';

export type OrderEvent = EnvelopeOn<typeof contract, 'orders'>;
type Created = Extract<OrderEvent, { name: 'orders:created' }>['payload'];

export const steps = ['created', 'paid', 'packed', 'shipped'] as const;
export type Step = (typeof steps)[number];
export type OrderStatus = Step | 'cancelled';

export interface Order extends Created {
  status: OrderStatus;
}

/** The server keeps, and a board shows, at most this many. */
export const orderLimit = 60;

export function nextStep(status: OrderStatus): Exclude<Step, 'created'> | undefined {
  switch (status) {
    case 'created':
      return 'paid';
    case 'paid':
      return 'packed';
    case 'packed':
      return 'shipped';
    case 'shipped':
    case 'cancelled':
      return undefined;
    default:
      return status satisfies never;
  }
}

export const isOpen = (order: Order): boolean => nextStep(order.status) !== undefined;

/**
 * The list after one event, newest order first. An upsert that may be repeated: an event that the list
 * holds already changes nothing, so a snapshot and the events around it may overlap.
 */
export function applyOrderEvent(orders: Order[], event: OrderEvent): Order[] {
  const { orderId } = event.payload;
  const known = orders.find((order) => order.orderId === orderId);
  if (event.name === 'orders:created') {
    if (known) return orders;
    return trim(
      [{ ...event.payload, status: 'created' as const }, ...orders].toSorted(newestFirst),
    );
  }
  const status = verb(event.name);
  if (!known || !comesAfter(status, known.status)) return orders;
  return orders.map((order) => (order === known ? { ...order, status } : order));
}

type Verb<Name> = Name extends `orders:${infer Status}` ? Status : never;

function verb<Name extends OrderEvent['name']>(name: Name): Verb<Name> {
  return name.slice('orders:'.length) as Verb<Name>;
}

function comesAfter(status: OrderStatus, current: OrderStatus): boolean {
  if (current === 'cancelled' || current === 'shipped') return false;
  return status === 'cancelled' || steps.indexOf(status) > steps.indexOf(current);
}

function newestFirst(left: Order, right: Order): number {
  if (left.placedAt !== right.placedAt) return left.placedAt < right.placedAt ? 1 : -1;
  return left.orderId < right.orderId ? 1 : -1;
}

/** Over the limit the oldest finished order goes; where all are open, the oldest of all. */
function trim(orders: Order[]): Order[] {
  if (orders.length <= orderLimit) return orders;
  const finished = orders.findLastIndex((order) => !isOpen(order));
  return orders.toSpliced(finished === -1 ? orders.length - 1 : finished, 1);
}
