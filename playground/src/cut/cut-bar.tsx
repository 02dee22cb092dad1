import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Readable } from '@hipponot/pubsub-client';
import { useHouse } from '../house.tsx';
import { LedgerLine } from '../ledger/ledger-line.tsx';
import type { LedgerView } from '../ledger/ledger.ts';
import { Button } from '../parts/button.tsx';
import { ada } from '../people.ts';
import { useReadable } from '../parts/use-readable.ts';
import styles from './cut-bar.module.css';

/** The large button, and what came of it. */
export function CutBar({ ledger }: { ledger: Readable<LedgerView> }): ReactElement {
  const view = useReadable(ledger);
  const house = useHouse();
  const cut = useMutation(
    { mutationFn: (on: boolean) => ada.trpc.house.cut.mutate(on) },
    ada.queries,
  );
  const isCut = house?.cut ?? false;
  const isReady = house !== undefined && !cut.isPending;

  return (
    <section
      className={styles['bar']}
      aria-label="The connection of B"
      data-wire={isCut ? 'cut' : 'whole'}
    >
      <Button
        className={styles['cut']}
        kind={isCut ? 'main' : 'plain'}
        icon={isCut ? 'plug' : 'cut'}
        aria-disabled={!isReady}
        onClick={() => isReady && cut.mutate(!isCut)}
      >
        {isCut ? 'Let B return' : 'Cut the connection of B'}
      </Button>
      <LedgerLine ledger={view} cut={isCut} />
    </section>
  );
}
