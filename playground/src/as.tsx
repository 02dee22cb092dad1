import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { PersonContext, type Person } from './people.ts';
import { PubSubProvider } from './pubsub.ts';
import { trpc } from './trpc.ts';

/** One person's side of the page: what is below uses their client and their cache. */
export function As({ person, children }: { person: Person; children: ReactNode }): ReactElement {
  return (
    <PersonContext value={person}>
      <PubSubProvider client={person.pubsub}>
        <trpc.Provider client={person.trpc} queryClient={person.queries}>
          <QueryClientProvider client={person.queries}>{children}</QueryClientProvider>
        </trpc.Provider>
      </PubSubProvider>
    </PersonContext>
  );
}
