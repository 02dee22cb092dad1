import type { EnvelopeOn } from '@hipponot/pubsub-core';
import type { ReactElement } from 'react';
import type { contract } from '../../contract.ts';
import { State } from '../parts/meaning.tsx';
import { clock } from '../parts/times.ts';
import styles from './message.module.css';

export interface MessageProps {
  readonly event: EnvelopeOn<typeof contract, `chat/${string}`>;
  readonly own: boolean;
}

export function Message({ event, own }: MessageProps): ReactElement {
  const { payload, timestamp, meta } = event;
  const pending = Boolean(meta?.['optimistic']);
  const at = Date.parse(timestamp);
  return (
    <article
      className={styles['message']}
      data-own={own || undefined}
      data-pending={pending || undefined}
    >
      <span className={styles['face']} aria-hidden="true">
        {payload.from.slice(0, 1)}
      </span>
      <p className={styles['head']}>
        <strong>{payload.from}</strong>
        <time className={`${styles['time']} tabular`} dateTime={timestamp}>
          {clock(at).slice(0, 5)}
        </time>
        {own && (
          <span className={styles['state']}>
            {pending ? (
              <State meaning="working" icon="up">
                sending
              </State>
            ) : (
              <State meaning="ok" icon="check">
                confirmed
              </State>
            )}
          </span>
        )}
      </p>
      <p className={styles['text']}>{payload.text}</p>
    </article>
  );
}
