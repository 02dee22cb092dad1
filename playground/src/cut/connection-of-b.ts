import { connectFaultProxy } from '@hipponot/chaos/remote';
import { useSyncExternalStore } from 'react';
import { ben } from '../people.ts';

export type Wire = 'whole' | 'cut' | 'unknown';

const proxy = connectFaultProxy('');
const listeners = new Set<() => void>();
let wire: Wire = 'unknown';

function set(next: Wire): void {
  wire = next;
  for (const listener of listeners) listener();
}

/** Resets every connection of B that is open, and lets no new one in. */
export async function cut(): Promise<void> {
  await proxy.refuse(true);
  await proxy.cut();
  set('cut');
}

/** Lets B through again, and tells B so: it would notice by itself, at its next attempt. */
export async function mend(): Promise<void> {
  await proxy.heal();
  set('whole');
  ben.pubsub.resume();
}

/** Another page may have left it cut. */
export const begin = (): Promise<void> => mend().catch(() => set('whole'));

/** What this page has done to B's connection. A page that is opened anew begins with a whole one. */
export const useWire = (): Wire =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wire,
  );
