import type { ConnectionStatus } from '../client/connection-status.ts';
import type { State } from './machine.ts';

/** The public face of a state. */
export function projectStatus({ at, memory, streams, wait, error }: State): ConnectionStatus {
  switch (at) {
    case 'active': {
      const hello = streams[0]?.hello;
      if (hello) return { state: 'connected', since: memory.since ?? 0, streamId: hello.streamId };
      const state = memory.since ? 'reconnecting' : 'connecting';
      return { state, attempt: memory.failures + 1, retryAt: wait?.due, error };
    }
    case 'paused':
      return { state: at, reasons: memory.pauses };
    case 'needs-auth':
    case 'failed':
      return { state: at, error };
    default:
      return { state: at };
  }
}
