import type { ReactElement, ReactNode } from 'react';
import styles from './rows.module.css';

export interface RowsProps<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly label: string;
  /** What will appear here, and what to do for it. */
  readonly empty: ReactNode;
  readonly children: (item: Item) => ReactNode;
}

/**
 * A list that scrolls inside a box of fixed height. Rows are placed by transform alone, so a new one on
 * top lays nothing out anew; `--row-height` gives their height.
 */
export function Rows<Item>({
  items,
  keyOf,
  label,
  empty,
  children,
}: RowsProps<Item>): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={styles['box']} aria-label={label} tabIndex={0}>
      {items.length === 0 && <p className={styles['empty']}>{empty}</p>}
      <ol className={styles['rows']} style={{ '--count': items.length }}>
        {items.map((item, index) => (
          <li key={keyOf(item)} className={styles['row']} style={{ '--index': index }}>
            {children(item)}
          </li>
        ))}
      </ol>
    </section>
  );
}
