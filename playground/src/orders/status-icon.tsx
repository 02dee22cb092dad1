import type { ReactElement } from 'react';
import { steps, type OrderStatus } from '../../orders.ts';

const around = 2 * Math.PI * 5;

/** How far an order is: a ring that closes. */
export function StatusIcon({ status }: { status: OrderStatus }): ReactElement {
  const done = status === 'cancelled' ? 0 : steps.indexOf(status) / (steps.length - 1);
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <circle cx="8" cy="8" r="5" stroke="currentColor" opacity="0.35" />
      {done > 0 && done < 1 && (
        <circle
          cx="8"
          cy="8"
          r="5"
          stroke="currentColor"
          strokeWidth="2.5"
          strokeDasharray={`${done * around} ${around}`}
          transform="rotate(-90 8 8)"
        />
      )}
      {done === 1 && (
        <path d="M5.5 8.3l1.8 1.8 3.3-4" stroke="currentColor" strokeLinecap="round" />
      )}
      {status === 'cancelled' && (
        <path d="M6 6l4 4M10 6l-4 4" stroke="currentColor" strokeLinecap="round" />
      )}
    </svg>
  );
}
