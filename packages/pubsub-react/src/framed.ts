import type { Readable } from '@hipponot/pubsub-client';
import { onNextFrame } from './next-frame.ts';

/**
 * The store, told of once a frame, for one reader. The store itself advances at once; what this shows
 * moves at the frame, with every other reader's: a re-render in between shows what stands there.
 */
export function framed<T>(store: Readable<T>): Readable<T> {
  let shown: { readonly snapshot: T } | undefined;
  return {
    // Unread nothing moves `shown` on, so the store itself is asked.
    getSnapshot: () => (shown ? shown.snapshot : store.getSnapshot()),
    subscribe(listener) {
      let cancelFrame: (() => void) | undefined;
      const show = (): void => {
        cancelFrame = undefined;
        shown = { snapshot: store.getSnapshot() };
        listener();
      };
      shown = { snapshot: store.getSnapshot() };
      const leave = store.subscribe(() => (cancelFrame ??= onNextFrame(show)));
      return () => {
        cancelFrame?.();
        leave();
        shown = undefined;
      };
    },
  };
}
