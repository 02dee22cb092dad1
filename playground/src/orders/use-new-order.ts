import { useRef } from 'react';
import { someLines } from '../../menu.ts';
import type { Order } from '../../orders.ts';

/** Writes orders in this client's own series, … */
export function useNewOrder(orders: readonly Order[], letter: string) {
  const last = useRef(0);
  return () => {
    const own = orders
      .filter(({ orderId }) => orderId.startsWith(`${letter}-`))
      .map(({ orderId }) => Number(orderId.slice(2)));
    // Two presses in one frame see the same list: the number must not be the same.
    last.current = (Math.max(last.current, ...own) % 999) + 1;
    return {
      orderId: `${letter}-${last.current}`,
      ...someLines(Math.random),
      placedAt: new Date().toISOString(),
    };
  };
}
