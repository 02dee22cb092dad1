import type { Recovery } from '@hipponot/pubsub-client';
import type { ReactElement } from 'react';
import { State } from '../parts/meaning.tsx';
import type { LedgerView } from './ledger.ts';
import styles from './ledger-line.module.css';

const outcomes = {
  fresh: 'started fresh',
  recovered: 'recovered',
  gap: 'gap',
  reset: 'reset',
} as const satisfies Record<Recovery['outcome'], string>;

export interface LedgerLineProps {
  readonly ledger: LedgerView;
  /** Is B's connection cut just now? */
  readonly cut: boolean;
  /** Was it cut since the page was opened? */
  readonly wasCut: boolean;
}

/** The ledger as a sentence, and the two numbers it compares. */
export function LedgerLine({ ledger, cut, wasCut }: LedgerLineProps): ReactElement {
  const { published, seen } = ledger;
  return (
    <div className={styles['ledger']}>
      <output className={styles['sentence']} data-ledger={cut ? 'cut' : 'whole'}>
        <Sentence ledger={ledger} cut={cut} wasCut={wasCut} />
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

function Sentence({ ledger, cut, wasCut }: LedgerLineProps): ReactElement {
  const { recovery, missed, twice } = ledger;
  if (cut) {
    return (
      <State meaning="waiting" icon="clock">
        B is cut off: what happens now waits for its return
      </State>
    );
  }
  if (!wasCut || !recovery) {
    return (
      <span className={styles['hint']}>
        Cut it, let a few events pass, let it return: the ledger tells what B missed.
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
