import { createClient, type PubSubClient } from '@hipponot/pubsub-client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import { createContext, useContext, type ReactElement, type ReactNode } from 'react';
import type { AppRouter } from '../server/router.ts';
import { contract } from '../contract.ts';
import { PubSubProvider } from './pubsub.ts';
import { trpc } from './trpc.ts';

/** Somebody with a page of their own: a client, a stream, a cache, shared with nobody. */
export interface Person {
  readonly letter: 'A' | 'B';
  readonly name: string;
  readonly place: string;
  readonly pubsub: PubSubClient<typeof contract>;
  readonly trpc: TRPCClient<AppRouter>;
  readonly queries: QueryClient;
}

function createPerson(
  who: Pick<Person, 'letter' | 'name' | 'place'>,
  paths: { pubsub: string; trpc: string },
): Person {
  const headers = { authorization: `Bearer ${who.name.toLowerCase()}` };
  return {
    ...who,
    pubsub: createClient({ contract, url: paths.pubsub, headers: () => headers }),
    trpc: createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: paths.trpc, headers })] }),
    queries: new QueryClient({
      // Events keep the cache true; reading it again on every focus would only hide a hole.
      defaultOptions: { queries: { refetchOnWindowFocus: false, refetchOnReconnect: false } },
    }),
  };
}

export const ada = createPerson(
  { letter: 'A', name: 'Ada', place: 'counter' },
  { pubsub: '/pubsub', trpc: '/trpc' },
);

/** Everything of Ben's passes the fault proxy, which the page can tell to cut. */
export const ben = createPerson(
  { letter: 'B', name: 'Ben', place: 'kitchen' },
  { pubsub: '/pubsub-b', trpc: '/trpc-b' },
);

export const people = [ada, ben] as const;

const PersonContext = createContext<Person>(ada);

/** Whose side of the page this is. */
export const usePerson = (): Person => useContext(PersonContext);

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
