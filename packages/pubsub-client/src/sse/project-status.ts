import type { ConnectionStatus } from '../client/connection-status.ts';
import type { State } from './machine.ts';

/** The public face of a state. */
export function projectStatus(state: State): ConnectionStatus {
  const { at, memory } = state;
  switch (at) {
    case 'connecting': {
      const { next } = state;
      return {
        state: memory.ever ? 'reconnecting' : at,
        attempt: memory.failures + 1,
        retryAt: next.no ? undefined : next.due,
        error: next.error,
      };
    }
    case 'connected':
      return { state: at, since: state.current.since, streamId: state.current.hello?.streamId ?? '' };
    case 'paused':
      return { state: at, reasons: memory.pauses };
    case 'needs-auth':
    case 'failed':
      return { state: at, error: state.error };
    default:
      return { state: at };
  }
}
