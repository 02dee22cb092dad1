import type { Readable } from '@hipponot/pubsub-client';
import { useCallback, useSyncExternalStore } from 'react';

/** Renders what a store holds; `onServer` while rendering on the server and hydrating from it. */
export function useReadable<T>(readable: Readable<T>, onServer: T): T {
  const subscribe = useCallback((listener: () => void) => readable.subscribe(listener), [readable]);
  return useSyncExternalStore(
    subscribe,
    () => readable.getSnapshot(),
    () => onServer,
  );
}
