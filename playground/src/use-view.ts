import { useSyncExternalStore } from 'react';

export const views = [
  { name: 'orders', label: 'Orders' },
  { name: 'chat', label: 'Chat' },
] as const;
export type View = (typeof views)[number]['name'];

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function read(): View {
  const name = location.hash.replace(/^#\//, '');
  return views.find((view) => view.name === name)?.name ?? 'orders';
}

/** The view that the address names. */
export const useView = (): View => useSyncExternalStore(subscribe, read);
