import { useState } from 'react';
import type { Order } from '../../orders.ts';

/**
 * Holds the rows where they are while somebody points at them, so that a new order doesn't slide under
 * the finger. What happens to the orders on screen still shows.
 */
export function useHeldRows(orders: readonly Order[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>();
  const shown = ids ? orders.filter(({ orderId }) => ids.has(orderId)) : orders;
  return {
    shown,
    /** Orders that wait to be shown. */
    held: orders.length - shown.length,
    hold: () => setIds(new Set(orders.map(({ orderId }) => orderId))),
    release: () => setIds(undefined),
  };
}
