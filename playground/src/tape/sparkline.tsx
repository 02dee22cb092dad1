import type { ReactElement } from 'react';
import { useNow } from '../parts/use-now.ts';
import styles from './sparkline.module.css';
import { secondsShown } from './tape.ts';

const height = 24;
const step = 3;

/** Events per second over the last minute. */
export function Sparkline({ perSecond }: { perSecond: ReadonlyMap<number, number> }): ReactElement {
  const now = Math.floor(useNow() / 1000);
  const counts = Array.from(
    { length: secondsShown },
    (_, index) => perSecond.get(now - secondsShown + 1 + index) ?? 0,
  );
  const sum = counts.reduce((total, count) => total + count, 0);
  const most = Math.max(3, ...counts);
  return (
    <p className={styles['spark']}>
      <svg
        className={styles['bars']}
        width={secondsShown * step}
        height={height}
        viewBox={`0 0 ${secondsShown * step} ${height}`}
        preserveAspectRatio="xMaxYMid slice"
        aria-hidden="true"
      >
        <path d={`M0 ${height - 0.5}H${secondsShown * step}`} className={styles['ground']} />
        <path
          d={counts.map((count, x) => bar(x * step, (count / most) * (height - 2))).join('')}
          fill="currentColor"
        />
      </svg>
      <span className={`${styles['sum']} tabular`}>
        {sum} {sum === 1 ? 'event' : 'events'} a minute
      </span>
    </p>
  );
}

const bar = (x: number, size: number): string =>
  size > 0 ? `M${x} ${height - 1}v-${size.toFixed(1)}h${step - 1}v${size.toFixed(1)}z` : '';
