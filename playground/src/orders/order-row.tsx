import type { ReactElement } from 'react';
import { nextStep, type Order, type Step } from '../../orders.ts';
import { Icon } from '../parts/icon.tsx';
import styles from './order-row.module.css';
import { StatusIcon } from './status-icon.tsx';
import type { Mark } from './use-order-board.ts';

export interface OrderRowProps {
  readonly order: Order;
  /** Its last step is sent, and not confirmed. */
  readonly pending: boolean;
  readonly mark: Mark | undefined;
  readonly onStep: (order: Order, step: Exclude<Step, 'created'> | 'cancelled') => void;
}

export function OrderRow({ order, pending, mark, onStep }: OrderRowProps): ReactElement {
  const { orderId, lines, total, status } = order;
  const next = nextStep(status);
  const what = lines.map(({ item, quantity }) => (quantity > 1 ? `${item} ×${quantity}` : item));
  return (
    <article
      className={styles['row']}
      aria-label={`Order ${orderId}`}
      data-order={orderId}
      data-status={status}
      data-pending={pending || undefined}
    >
      {/* Keyed by the event: each one shows its mark once. */}
      {mark && <i key={mark.eventId} className={styles['mark']} data-meaning={mark.meaning} />}
      <span className={`${styles['id']} mono`}>#{orderId}</span>
      <span className={styles['lines']} title={what.join(', ')}>
        {what.join(', ')}
      </span>
      <span className={`${styles['total']} mono`}>{total.toFixed(2)}</span>
      {status === 'created' || status === 'paid' ? (
        <button
          type="button"
          className={styles['cancel']}
          aria-label={`Cancel order ${orderId}`}
          title="Cancel this order"
          onClick={() => onStep(order, 'cancelled')}
        >
          <Icon name="cross" />
        </button>
      ) : (
        <span />
      )}
      {next ? (
        <button
          type="button"
          className={styles['step']}
          aria-label={`Order ${orderId} is ${status}: mark it as ${next}`}
          title={`Mark as ${next}`}
          onClick={() => onStep(order, next)}
        >
          <StatusIcon status={status} />
          <span className={styles['word']}>{pending ? `${status}…` : status}</span>
          <Icon name="next" />
        </button>
      ) : (
        <span className={styles['done']}>
          <StatusIcon status={status} />
          <span className={styles['word']}>{pending ? `${status}…` : status}</span>
        </span>
      )}
    </article>
  );
}
