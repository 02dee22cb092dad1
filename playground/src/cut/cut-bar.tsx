import { useEffect, useState, type ReactElement } from 'react';
import type { Readable } from '@hipponot/pubsub-client';
import { LedgerLine } from '../ledger/ledger-line.tsx';
import type { LedgerView } from '../ledger/ledger.ts';
import { Button } from '../parts/button.tsx';
import { useReadable } from '../parts/use-readable.ts';
import { cut, mend, useWire } from './connection-of-b.ts';
import styles from './cut-bar.module.css';

/** The large button, and what came of it. */
export function CutBar({ ledger }: { ledger: Readable<LedgerView> }): ReactElement {
  const view = useReadable(ledger);
  const wire = useWire();
  const [wasCut, setWasCut] = useState(false);
  const [busy, setBusy] = useState(false);
  const isCut = wire === 'cut';
  // Another page may have left it cut.
  useEffect(() => void mend().catch(() => {}), []);

  async function turn(): Promise<void> {
    setBusy(true);
    try {
      await (isCut ? mend() : cut());
      setWasCut(true);
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
        aria-disabled={busy}
        onClick={() => !busy && void turn()}
      >
        {isCut ? 'Let B return' : 'Cut the connection of B'}
      </Button>
      <LedgerLine ledger={view} cut={isCut} wasCut={wasCut} />
    </section>
  );
}
