import type { PauseReason } from './connection-status.ts';

/**
 * Tells of reasons to pause that come from the page. Reports the state of now at once and each change
 * after; returns its own undo.
 */
export type PageSignals = (report: (reason: PauseReason, on: boolean) => void) => () => void;

/** The browser's `online` and `offline`. Elsewhere nothing is ever told. */
export const networkSignals: PageSignals = (report) => {
  const offline = (): void => report('offline', true);
  const online = (): void => report('offline', false);
  const { addEventListener, removeEventListener, navigator } = globalThis;
  // Node has a navigator too, but none that knows whether it is online.
  if (navigator?.onLine === undefined || !addEventListener) return () => {};
  addEventListener('offline', offline);
  addEventListener('online', online);
  if (!navigator.onLine) offline();
  return () => {
    removeEventListener('offline', offline);
    removeEventListener('online', online);
  };
};
