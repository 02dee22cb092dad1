import type { Readable } from '@hipponot/pubsub-client';
import type { ReactElement, ReactNode } from 'react';
import { Rows } from '../parts/rows.tsx';
import { useReadable } from '../parts/use-readable.ts';
import { Sparkline } from './sparkline.tsx';
import styles from './tape-panel.module.css';
import { TapeLine } from './tape-line.tsx';
import type { TapeView } from './tape.ts';

export interface TapePanelProps {
  readonly tape: Readable<TapeView>;
  readonly controls: ReactNode;
}

/** Every order and message that reached a client, and what became of it at each. */
export function TapePanel({ tape, controls }: TapePanelProps): ReactElement {
  const { rows, perSecond } = useReadable(tape);
  return (
    <section className={styles['tape']} aria-label="Tape">
      <header className={styles['head']}>
        <h2 className={styles['title']}>Tape</h2>
        <Sparkline perSecond={perSecond} />
        {controls}
      </header>
      <div className={styles['columns']} aria-hidden="true">
        <span>time</span>
        <span>event</span>
        <span>about</span>
        <span>at A</span>
        <span>at B</span>
        <span>what</span>
      </div>
      <div className={styles['list']}>
        <Rows
          label="Events, newest first"
          items={rows}
          keyOf={({ key }) => key}
          empty="Every event that reaches a client is written down here, with what became of it: applied, replayed, duplicate, gap."
        >
          {(row) => <TapeLine row={row} />}
        </Rows>
      </div>
    </section>
  );
}
