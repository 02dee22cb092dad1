import type { Disposition, Recovery } from '@hipponot/pubsub-client';
import type { EventEnvelope } from '@hipponot/pubsub-core';
import type { ReactElement } from 'react';
import type { IconName } from '../parts/icon.tsx';
import { State, type Meaning } from '../parts/meaning.tsx';
import { clock } from '../parts/times.ts';
import { useWire } from '../cut/connection-of-b.ts';
import styles from './tape-line.module.css';
import type { Arrival, TapeRow } from './tape.ts';

type Look = readonly [Meaning, IconName];

const dispositions = {
  applied: ['ok', 'check'],
  replayed: ['working', 'replay'],
  duplicate: ['quiet', 'copy'],
  invalid: ['wrong', 'alert'],
} as const satisfies Record<Disposition, Look>;

const outcomes = {
  fresh: ['quiet', 'plug'],
  recovered: ['ok', 'replay'],
  gap: ['wrong', 'alert'],
  reset: ['wrong', 'alert'],
} as const satisfies Record<Recovery['outcome'], Look>;

export function TapeLine({ row }: { row: TapeRow }): ReactElement {
  const wire = useWire();
  if (row.kind === 'recovery') return <RecoveryLine {...row} />;
  const { A, B } = row.arrivals;
  return (
    <div className={styles['line']} data-tape-event={row.envelope.name}>
      <time className="mono" dateTime={new Date(row.at).toISOString()}>
        {clock(row.at)}
      </time>
      <span className={`${styles['name']} mono`}>{row.envelope.name}</span>
      <span className={`${styles['about']} mono`}>{about(row.envelope)}</span>
      <span className={styles['at']} data-at="A">
        <At letter="A" arrival={A} waits={false} />
      </span>
      <span className={styles['at']} data-at="B">
        <At letter="B" arrival={B} waits={wire === 'cut'} />
      </span>
    </div>
  );
}

interface AtProps {
  readonly letter: string;
  readonly arrival: Arrival | undefined;
  readonly waits: boolean;
}

function At({ letter, arrival, waits }: AtProps): ReactElement | null {
  const [meaning, icon] = arrival
    ? dispositions[arrival.disposition]
    : (['waiting', 'clock'] as const);
  if (!arrival && !waits) return null;
  return (
    <State meaning={meaning} icon={icon}>
      <span className={styles['letter']}>{letter} </span>
      {arrival ? arrival.disposition : 'to come'}
      {arrival && arrival.duplicates > 0 && (
        <span className={styles['more']}> +{arrival.duplicates} duplicate</span>
      )}
    </State>
  );
}

function RecoveryLine({ at, letter, channel, recovery }: Extract<TapeRow, { kind: 'recovery' }>) {
  const { outcome, replayed, reason } = recovery;
  const [meaning, icon] = outcomes[outcome];
  return (
    <div className={styles['mark']} data-tape-recovery={outcome}>
      <time className="mono" dateTime={new Date(at).toISOString()}>
        {clock(at)}
      </time>
      <State meaning={meaning} icon={icon}>
        {letter} on {channel}: {outcome}
      </State>
      <span className={`${styles['rest']} tabular`}>
        {replayed} replayed{reason ? ` · ${reason}` : ''}
      </span>
    </div>
  );
}

/** What the event is about, in a word or two. */
function about({ payload, channel }: EventEnvelope): string {
  const { orderId, from } = (payload ?? {}) as { orderId?: unknown; from?: unknown };
  if (typeof orderId === 'string') return `#${orderId}`;
  const room = channel.slice(channel.indexOf('/') + 1);
  return typeof from === 'string' ? `${from}, ${room}` : channel;
}
