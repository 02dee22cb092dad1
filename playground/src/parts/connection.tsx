import type { ConnectionStatus } from '@hipponot/pubsub-client';
import type { ReactElement } from 'react';
import { useConnection } from '../pubsub.ts';
import type { IconName } from './icon.tsx';
import { State, type Meaning } from './meaning.tsx';
import { ago, span } from './times.ts';
import { useNow } from './use-now.ts';

const looks = {
  idle: ['quiet', 'dot'],
  connecting: ['working', 'loop'],
  connected: ['ok', 'plug'],
  reconnecting: ['working', 'loop'],
  paused: ['paused', 'pause'],
  'needs-auth': ['wrong', 'key'],
  failed: ['wrong', 'alert'],
  closed: ['quiet', 'cross'],
} as const satisfies Record<ConnectionStatus['state'], readonly [Meaning, IconName]>;

/** The word for the connection's state, with its icon and colour. */
export function Connection(): ReactElement {
  const { state } = useConnection();
  const [meaning, icon] = looks[state];
  return (
    <State meaning={meaning} icon={icon}>
      {state}
    </State>
  );
}

/** The sentence that goes with the state. */
export function ConnectionDetail({
  lastEventAt,
}: {
  lastEventAt: number | undefined;
}): ReactElement {
  const status = useConnection();
  const now = useNow();
  const raw = 'error' in status ? status.error?.message : undefined;
  return <span title={raw}>{sentence(status, now, lastEventAt)}</span>;
}

function sentence(status: ConnectionStatus, now: number, lastEventAt: number | undefined): string {
  switch (status.state) {
    case 'idle':
      return 'nothing is subscribed';
    case 'connected':
      return lastEventAt === undefined
        ? 'waiting for the first event'
        : `last event ${ago(now - lastEventAt)}`;
    case 'connecting':
    case 'reconnecting': {
      const why = status.error ? `: ${status.error.status ?? status.error.code}` : '';
      const when = status.retryAt ? `retry in ${span(status.retryAt - now)}` : 'trying now';
      return `${when} (attempt ${status.attempt})${why}`;
    }
    case 'paused':
      return `paused: ${status.reasons.join(', ')}`;
    case 'needs-auth':
    case 'failed':
      return status.error.message;
    case 'closed':
      return 'closed for good';
    default:
      return status satisfies never;
  }
}
