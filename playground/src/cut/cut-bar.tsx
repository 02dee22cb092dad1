import { useEffect, useState, type ReactElement } from 'react';
import type { Readable } from '@hipponot/pubsub-client';
import { LedgerLine } from '../ledger/ledger-line.tsx';
import type { LedgerView } from '../ledger/ledger.ts';
import { Button } from '../parts/button.tsx';
import { useReadable } from '../parts/use-readable.ts';
import { begin, cut, mend, useWire } from './connection-of-b.ts';
import styles from './cut-bar.module.css';

/** The large button, and what came of it. */
export function CutBar({ ledger }: { ledger: Readable<LedgerView> }): ReactElement {
  const view = useReadable(ledger);
  const wire = useWire();
  const [busy, setBusy] = useState(false);
  const isCut = wire === 'cut';
  const isReady = wire !== 'unknown' && !busy;
  useEffect(() => void begin(), []);

  async function turn(): Promise<void> {
    setBusy(true);
    try {
      await (isCut ? mend() : cut());
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className={styles['bar']} aria-label="The connection of B" data-wire={wire}>
      <Button
        className={styles['cut']}
        kind={isCut ? 'main' : 'plain'}
        icon={isCut ? 'plug' : 'cut'}
        aria-disabled={!isReady}
        onClick={() => isReady && void turn()}
      >
        {isCut ? 'Let B return' : 'Cut the connection of B'}
      </Button>
      <LedgerLine ledger={view} cut={isCut} />
    </section>
  );
}
