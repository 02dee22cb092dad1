import type { Readable } from '@hipponot/pubsub-client';
import { useCallback, useSyncExternalStore } from 'react';

/** Renders what a store holds. */
export function useReadable<T>(readable: Readable<T>): T {
  const subscribe = useCallback((listener: () => void) => readable.subscribe(listener), [readable]);
  return useSyncExternalStore(subscribe, () => readable.getSnapshot());
}
