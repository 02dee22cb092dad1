import type { AnyContract } from '@hipponot/pubsub-core';
import type { PubSubClient } from '@hipponot/pubsub-client';
import type { ReactElement, ReactNode } from 'react';
import type { ClientContext, LooseClient } from './client-context.ts';

/** A client of the contract; of any, where none is registered: there the hooks are what says so. */
type ClientOf<C extends AnyContract> = AnyContract extends C
  ? Pick<PubSubClient<C>, 'connection' | 'close'>
  : PubSubClient<C>;

export interface PubSubProviderProps<C extends AnyContract> {
  /** Built outside React, once: it is handed down, never opened or closed here. */
  readonly client: ClientOf<C>;
  readonly children?: ReactNode;
}

/** Hands a client down to the hooks below. Owns nothing. */
export type PubSubProviderOf<C extends AnyContract> = (
  props: PubSubProviderProps<C>,
) => ReactElement;

export function createProvider<C extends AnyContract>(context: ClientContext): PubSubProviderOf<C> {
  const { Provider } = context;
  return function PubSubProvider({ client, children }) {
    return <Provider value={client as unknown as LooseClient}>{children}</Provider>;
  };
}
