import { createClientContext, type ClientContext } from './client-context.ts';
import { createProvider, type PubSubProviderOf } from './pubsub-provider.tsx';
import type { RegisteredContract } from './register.ts';
import { createUseChannel, type UseChannel } from './use-channel.ts';
import { createUseConnection, type UseConnection } from './use-connection.ts';
import { createUseEmit, type UseEmit } from './use-emit.ts';
import { createUseEvent, type UseEvent } from './use-event.ts';
import { createUsePubSubClient, type UsePubSubClient } from './use-pubsub-client.ts';

// Each hook made by itself, and marked pure, so that an app carries the ones it uses.
const context: ClientContext = /* @__PURE__ */ createClientContext();

export const PubSubProvider: PubSubProviderOf<RegisteredContract> =
  /* @__PURE__ */ createProvider(context);
export const useChannel: UseChannel<RegisteredContract> = /* @__PURE__ */ createUseChannel(context);
export const useEvent: UseEvent<RegisteredContract> = /* @__PURE__ */ createUseEvent(context);
export const useEmit: UseEmit<RegisteredContract> = /* @__PURE__ */ createUseEmit(context);
export const useConnection: UseConnection = /* @__PURE__ */ createUseConnection(context);
export const usePubSubClient: UsePubSubClient<RegisteredContract> =
  /* @__PURE__ */ createUsePubSubClient(context);
