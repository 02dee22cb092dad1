import type { Readable } from '@hipponot/pubsub-client';
import { onNextFrame } from './next-frame.ts';

const framedOf = new WeakMap<Readable<unknown>, Readable<unknown>>();

/**
 * The same store, told of once a frame. The store itself advances at once; what this shows moves only at
 * a frame, for all its readers together, so that a re-render in between never tears. One per store.
 */
export function framed<T>(store: Readable<T>): Readable<T> {
  let view = framedOf.get(store) as Readable<T> | undefined;
  if (!view) framedOf.set(store, (view = createFramed(store)));
  return view;
}

function createFramed<T>(store: Readable<T>): Readable<T> {
  const listeners = new Set<() => void>();
  let shown: T;
  let leave: (() => void) | undefined;
  let cancelFrame: (() => void) | undefined;

  function show(): void {
    cancelFrame = undefined;
    shown = store.getSnapshot();
    for (const listener of listeners) listener();
  }

  return {
    // Without listeners nothing keeps `shown` up to date, and nobody else can differ from us.
    getSnapshot: () => (leave ? shown : store.getSnapshot()),
    subscribe(listener) {
      // A wrapper each, so that the same function given twice leaves twice.
      const own = (): void => listener();
      listeners.add(own);
      if (!leave) {
        shown = store.getSnapshot();
        leave = store.subscribe(() => (cancelFrame ??= onNextFrame(show)));
      }
      return () => {
        listeners.delete(own);
        if (listeners.size > 0) return;
        cancelFrame?.();
        cancelFrame = undefined;
        leave?.();
        leave = undefined;
      };
    },
  };
}
