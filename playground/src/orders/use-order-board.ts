import { applyOrderEvent, type Order, type OrderEvent } from '../../orders.ts';
import { useChannel, useEmit, useEvent } from '../pubsub.ts';
import { trpc } from '../trpc.ts';

/** How an event reached this client: live, or in a replay. */
export interface Mark {
  readonly eventId: string;
  readonly meaning: 'ok' | 'working';
}

export interface OrderBoard {
  /** Newest first: confirmed by the server, with this client's own pending steps on top. */
  readonly orders: readonly Order[];
  /** Orders whose last step the server has not confirmed yet. */
  readonly pending: ReadonlySet<string>;
  /** The last confirmed event about each order. */
  readonly marks: ReadonlyMap<string, Mark>;
  readonly latest: OrderEvent | undefined;
  /** The snapshot is not there yet. */
  readonly reading: boolean;
}

/** The list is an ordinary tRPC query; events keep its cache true. */
export function useOrderBoard(): OrderBoard {
  // #region list
  const { events, latest, status, recovery } = useChannel('orders', {
    onGap: () => void list.refetch(),
  });
  const utils = trpc.useUtils();
  const list = trpc.orders.list.useQuery(undefined, {
    enabled: status === 'live',
    // Recovered means that nothing is missing: there is nothing to read again.
    staleTime: recovery?.outcome === 'recovered' ? Infinity : 0,
  });

  function apply(event: OrderEvent): void {
    // An answer on its way may be older than this event: ask again.
    if (list.isFetching) void list.refetch();
    utils.orders.list.setData(undefined, (orders) => orders && applyOrderEvent(orders, event));
  }
  useEvent('orders:created', apply);
  useEvent('orders:paid', apply);
  useEvent('orders:packed', apply);
  useEvent('orders:shipped', apply);
  useEvent('orders:cancelled', apply);

  const own = events.filter((event) => event.meta?.['optimistic']);
  const orders = own.reduce(applyOrderEvent, list.data ?? []);
  // #endregion
  return {
    orders,
    pending: new Set(own.map((event) => event.payload.orderId)),
    marks: new Map(
      events
        .filter((event) => !own.includes(event))
        .map(({ id, payload, meta }) => [
          payload.orderId,
          { eventId: id, meaning: meta?.['replayed'] ? 'working' : 'ok' },
        ]),
    ),
    latest,
    reading: list.data === undefined,
  };
}

export function useOrderEmits() {
  return {
    created: useEmit('orders:created'),
    paid: useEmit('orders:paid'),
    packed: useEmit('orders:packed'),
    shipped: useEmit('orders:shipped'),
    cancelled: useEmit('orders:cancelled'),
  };
}
