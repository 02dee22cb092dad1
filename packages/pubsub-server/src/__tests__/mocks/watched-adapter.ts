import type { PubSubAdapter } from '@hipponot/pubsub-core';

/** A place where the server waits for the adapter. */
export type AwaitPoint = `${'before' | 'after'} ${'subscribe' | 'position' | 'read'}`;

/** The adapter, with a task of the test's own at every place where the server waits for it. */
export function watchedAdapter(
  adapter: PubSubAdapter,
  at: (point: AwaitPoint) => Promise<void>,
): PubSubAdapter {
  return {
    ...adapter,
    subscribe: async (channel, deliver) => {
      await at('before subscribe');
      const unsubscribe = await adapter.subscribe(channel, deliver);
      await at('after subscribe');
      return unsubscribe;
    },
    position: async (channel) => {
      await at('before position');
      const position = await adapter.position(channel);
      await at('after position');
      return position;
    },
    read: async (channel, options) => {
      await at('before read');
      const page = await adapter.read(channel, options);
      await at('after read');
      return page;
    },
  };
}
