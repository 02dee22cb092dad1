import type { AnyContract } from '@hipponot/pubsub-core';
import { createClientContext } from './client-context.ts';
import { createProvider, type PubSubProviderOf } from './pubsub-provider.tsx';
import { createUseChannel, type UseChannel } from './use-channel.ts';
import { createUseConnection, type UseConnection } from './use-connection.ts';
import { createUseEmit, type UseEmit } from './use-emit.ts';
import { createUseEvent, type UseEvent } from './use-event.ts';
import { createUsePubSubClient, type UsePubSubClient } from './use-pubsub-client.ts';

/** Hooks typed by one contract, and the provider that feeds them. */
export interface PubSubHooks<C extends AnyContract> {
  readonly PubSubProvider: PubSubProviderOf<C>;
  readonly useChannel: UseChannel<C>;
  readonly useEvent: UseEvent<C>;
  readonly useEmit: UseEmit<C>;
  readonly useConnection: UseConnection;
  readonly usePubSubClient: UsePubSubClient<C>;
}

/**
 * The hooks and their provider, typed by one contract. Call it once per contract, outside components:
 * each set has a context of its own, so that providers of several contracts nest.
 *
 * @example
 * export const { PubSubProvider, useChannel, useEmit } = createPubSubHooks<typeof contract>();
 */
export function createPubSubHooks<C extends AnyContract>(): PubSubHooks<C> {
  const context = createClientContext();
  return {
    PubSubProvider: createProvider<C>(context),
    useChannel: createUseChannel<C>(context),
    useEvent: createUseEvent<C>(context),
    useEmit: createUseEmit<C>(context),
    useConnection: createUseConnection(context),
    usePubSubClient: createUsePubSubClient<C>(context),
  };
}
