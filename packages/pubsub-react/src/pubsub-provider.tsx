import type { AnyContract } from '@hipponot/pubsub-core';
import type { PubSubClient } from '@hipponot/pubsub-client';
import type { ReactElement, ReactNode } from 'react';
import type { ClientContext, LooseClient } from './client-context.ts';

export interface PubSubProviderProps<C extends AnyContract> {
  /** Built outside React, once: it is handed down, never opened or closed here. */
  readonly client: PubSubClient<C>;
  readonly children?: ReactNode;
}

/** Hands a client down to the hooks below. Owns nothing. */
export type PubSubProviderOf<C extends AnyContract> = (props: PubSubProviderProps<C>) => ReactElement;

export function createProvider<C extends AnyContract>(context: ClientContext): PubSubProviderOf<C> {
  const { Provider } = context;
  return function PubSubProvider({ client, children }) {
    return <Provider value={client as unknown as LooseClient}>{children}</Provider>;
  };
}
