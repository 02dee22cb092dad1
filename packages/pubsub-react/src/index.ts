// `export *`: only what a star exports can be augmented under the package's name.
export type * from './register.ts';
export {
  PubSubProvider,
  useChannel,
  useConnection,
  useEmit,
  useEvent,
  usePubSubClient,
} from './registered-hooks.ts';
export { createPubSubHooks, type PubSubHooks } from './create-pubsub-hooks.ts';
export type { PubSubProviderOf, PubSubProviderProps } from './pubsub-provider.tsx';
export type { UseChannel, UseChannelOptions } from './use-channel.ts';
export type { UseConnection } from './use-connection.ts';
export type { Emit, UseEmit } from './use-emit.ts';
export type { EventHandler, UseEvent, UseEventArgs, UseEventOptions } from './use-event.ts';
export type { UsePubSubClient } from './use-pubsub-client.ts';
