import type { ConnectionStatus } from '@hipponot/pubsub-client';
import { useClient, type ClientContext } from './client-context.ts';
import { useReadable } from './use-readable.ts';

/** The state of the client's connection, with its data: `{ state: 'reconnecting', attempt, retryAt, error }`. */
export type UseConnection = () => ConnectionStatus;

const idle: ConnectionStatus = { state: 'idle' };

export function createUseConnection(context: ClientContext): UseConnection {
  return function useConnection() {
    return useReadable(useClient(context, 'useConnection').connection, idle);
  };
}
