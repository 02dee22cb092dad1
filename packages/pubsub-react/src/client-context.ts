import { PubSubError, type Contract, type EventName } from '@hipponot/pubsub-core';
import type { PubSubClient } from '@hipponot/pubsub-client';
import { createContext, useContext, type Context } from 'react';

interface LooseEvent {
  readonly name: EventName;
  readonly channel: string;
  readonly direction: 'BOTH';
}

/** A client as the hooks use it inside: any channel, any name. Their public types narrow it. */
export type LooseClient = PubSubClient<Contract<readonly LooseEvent[]>>;

/** Where a set of hooks finds its client. Each `createPubSubHooks` has its own. */
export type ClientContext = Context<LooseClient | undefined>;

export function createClientContext(): ClientContext {
  const context: ClientContext = createContext<LooseClient | undefined>(undefined);
  context.displayName = 'PubSub';
  return context;
}

/** The client of the nearest provider, or an error that names the hook. */
export function useClient(context: ClientContext, hook: string): LooseClient {
  const client = useContext(context);
  if (client) return client;
  throw new PubSubError(
    'bad_options',
    `${hook} found no client: render it inside <PubSubProvider client={client}>. Hooks from createPubSubHooks() need the PubSubProvider they came with.`,
  );
}
