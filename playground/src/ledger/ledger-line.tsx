import type { Recovery } from '@hipponot/pubsub-client';
import type { ReactElement } from 'react';
import { State } from '../parts/meaning.tsx';
import type { LedgerView } from './ledger.ts';
import styles from './ledger-line.module.css';

const outcomes = {
  recovered: 'recovered',
  gap: 'gap',
  reset: 'reset',
} as const satisfies Record<Exclude<Recovery['outcome'], 'fresh'>, string>;

export interface LedgerLineProps {
  readonly ledger: LedgerView;
  /** Is B's connection cut just now? */
  readonly cut: boolean;
}

/** The ledger as a sentence, and the two numbers it compares. */
export function LedgerLine({ ledger, cut }: LedgerLineProps): ReactElement {
  const { published, seen } = ledger;
  return (
    <div className={styles['ledger']}>
      <output className={styles['sentence']} data-ledger={cut ? 'cut' : 'whole'}>
        <Sentence ledger={ledger} cut={cut} />
      </output>
      <p className={`${styles['numbers']} tabular`} data-ledger-lag={published - seen}>
        published <b data-ledger-published>{published}</b> · seen <b data-ledger-seen>{seen}</b>
        {ledger.toCome > 0 && (
          <>
            {' '}
            · to come <b>{ledger.toCome}</b>
          </>
        )}
      </p>
    </div>
  );
}

function Sentence({ ledger, cut }: LedgerLineProps): ReactElement {
  const { recovery, missed, twice } = ledger;
  if (cut) {
    return (
      <State meaning="waiting" icon="clock">
        B is cut off: what happens now waits for it
      </State>
    );
  }
  if (!recovery || recovery.outcome === 'fresh') {
    return (
      <span className={styles['hint']}>
        Cut it, wait<span className={styles['more']}> for a few events</span>, let it return: what
        did B miss?
      </span>
    );
  }
  const good = missed === 0 && twice === 0 && recovery.outcome !== 'gap';
  return (
    <>
      <span>B: </span>
      <State meaning={good ? 'ok' : 'wrong'} icon={good ? 'check' : 'alert'}>
        {outcomes[recovery.outcome]}
      </State>
      <span className="tabular">
        {' '}
        · {recovery.replayed} replayed · {missed} missed · {twice} twice
      </span>
    </>
  );
}
