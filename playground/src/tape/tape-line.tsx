import type { Disposition, Recovery } from '@hipponot/pubsub-client';
import type { EventEnvelope } from '@hipponot/pubsub-core';
import type { ReactElement } from 'react';
import type { IconName } from '../parts/icon.tsx';
import { State, type Meaning } from '../parts/meaning.tsx';
import { clock } from '../parts/times.ts';
import { useHouse } from '../house.tsx';
import { ada, ben, type Person } from '../people.ts';
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
  const isCut = useHouse()?.cut ?? false;
  if (row.kind === 'recovery') return <RecoveryLine row={row} />;
  const { A, B } = row.arrivals;
  return (
    <div className={styles['line']} data-tape-event={row.envelope.name}>
      <time className="mono" dateTime={new Date(row.at).toISOString()}>
        {clock(row.at)}
      </time>
      <span className={`${styles['name']} mono`}>{row.envelope.name}</span>
      <span className={`${styles['about']} mono`}>{about(row.envelope)}</span>
      <span className={styles['at']} data-at="A">
        <At person={ada} channel={row.envelope.channel} arrival={A} isCut={false} />
      </span>
      <span className={styles['at']} data-at="B">
        <At person={ben} channel={row.envelope.channel} arrival={B} isCut={isCut} />
      </span>
      <span className={styles['what']}>{what(row.envelope)}</span>
    </div>
  );
}

interface AtProps {
  readonly person: Person;
  readonly channel: string;
  readonly arrival: Arrival | undefined;
  readonly isCut: boolean;
}

/** What became of the event at one client: so far nothing, perhaps. */
function At({ person, channel, arrival, isCut }: AtProps): ReactElement | null {
  if (!arrival && !isSubscribed(person, channel)) {
    return <span className={styles['more']}>not subscribed</span>;
  }
  if (!arrival && !isCut) return null;
  const [meaning, icon] = arrival
    ? dispositions[arrival.disposition]
    : (['waiting', 'clock'] as const);
  return (
    <State meaning={meaning} icon={icon}>
      <span className={styles['letter']}>{person.letter} </span>
      {arrival?.disposition ?? 'to come'}
      {arrival && arrival.duplicates > 0 && (
        <span className={styles['more']} title="Copies that came again, and were dropped">
          {' '}
          +{arrival.duplicates}
          <span className={styles['wide']}> dup</span>
        </span>
      )}
    </State>
  );
}

function isSubscribed({ pubsub }: Person, channel: string): boolean {
  return pubsub.channel(channel as 'orders').getSnapshot().status !== 'unsubscribed';
}

function RecoveryLine({ row }: { row: Extract<TapeRow, { kind: 'recovery' }> }): ReactElement {
  const { at, letter, channel, recovery } = row;
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

interface Told {
  readonly orderId?: string;
  readonly lines?: readonly { readonly item: string; readonly quantity: number }[];
  readonly reason?: string;
  readonly from?: string;
  readonly text?: string;
}

// Every payload on the tape passed its schema, or is shown as invalid.
const told = ({ payload }: EventEnvelope): Told => payload ?? {};

/** What the event is about, in a word. */
function about(envelope: EventEnvelope): string {
  const { orderId } = told(envelope);
  return orderId ? `#${orderId}` : envelope.channel.slice(envelope.channel.indexOf('/') + 1);
}

/** What it says. */
function what(envelope: EventEnvelope): string {
  const { lines, reason, from, text } = told(envelope);
  if (from && text) return `${from}: ${text}`;
  return reason ?? lines?.map(({ item, quantity }) => `${quantity} ${item}`).join(', ') ?? '';
}
