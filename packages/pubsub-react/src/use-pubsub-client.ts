import type { AnyContract } from '@hipponot/pubsub-core';
import type { PubSubClient } from '@hipponot/pubsub-client';
import { useClient, type ClientContext } from './client-context.ts';

/** The client of the nearest provider, for what no hook does: `history`, `pause`, `tap`. */
export type UsePubSubClient<C extends AnyContract> = () => PubSubClient<C>;

export function createUsePubSubClient<C extends AnyContract>(
  context: ClientContext,
): UsePubSubClient<C> {
  return function usePubSubClient() {
    return useClient(context, 'usePubSubClient') as unknown as PubSubClient<C>;
  };
}
