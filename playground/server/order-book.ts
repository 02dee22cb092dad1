import { applyOrderEvent, isOpen, nextStep, type Order, type OrderEvent } from '../orders.ts';

/** Why the book does not take a change; the person who asked for it reads the message. */
export class OrderRefused extends Error {
  override readonly name: string = 'OrderRefused';
}

/** The orders, in memory: the truth that every board shows. */
export class OrderBook {
  #orders: Order[] = [];

  /** Newest first. */
  get orders(): readonly Order[] {
    return this.#orders;
  }

  /** How many orders are still to be made before the one named. */
  ahead(orderId: string): number {
    const index = this.#orders.findIndex((order) => order.orderId === orderId);
    return this.#orders.filter((order, other) => other > index && isOpen(order)).length;
  }

  /** Takes the change in, or throws {@link OrderRefused}. */
  apply(change: Pick<OrderEvent, 'name' | 'payload'>): void {
    const refusal = this.#whyNot(change);
    if (refusal) throw new OrderRefused(refusal);
    this.#orders = applyOrderEvent(this.#orders, change as OrderEvent);
  }

  #whyNot({ name, payload }: Pick<OrderEvent, 'name' | 'payload'>): string | undefined {
    const { orderId } = payload;
    const order = this.#orders.find((each) => each.orderId === orderId);
    if (name === 'orders:created') return order && `Order ${orderId} exists already.`;
    if (!order) return `There is no order ${orderId}.`;
    if (!isOpen(order)) return `Order ${orderId} is ${order.status}: nothing more happens to it.`;
    if (name === 'orders:cancelled' || name === `orders:${nextStep(order.status)}`)
      return undefined;
    return `Order ${orderId} is ${order.status}: it can't be ${name.slice('orders:'.length)} now.`;
  }
}
