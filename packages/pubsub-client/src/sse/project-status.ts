import type { ConnectionStatus } from '../client/connection-status.ts';
import type { State } from './machine.ts';

/** The public face of a state. */
export function projectStatus({
  at,
  streams,
  wait,
  error,
  since,
  failures,
  pauses,
}: State): ConnectionStatus {
  switch (at) {
    case 'active': {
      const hello = streams[0]?.hello;
      if (hello) return { state: 'connected', since: since ?? 0, streamId: hello.streamId };
      const state = since ? 'reconnecting' : 'connecting';
      return { state, attempt: failures + 1, retryAt: wait?.due, error };
    }
    case 'paused':
      return { state: at, reasons: pauses };
    case 'needs-auth':
    case 'failed':
      return { state: at, error };
    case 'idle':
    case 'closed':
      return { state: at };
    default:
      return at satisfies never;
  }
}
