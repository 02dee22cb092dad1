import { createClient, type PubSubClient } from '@hipponot/pubsub-client';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import { createContext, useContext } from 'react';
import type { AppRouter } from '../server/router.ts';
import { contract } from '../contract.ts';

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

/** Everything of Ben's passes the fault proxy. */
export const ben = createPerson(
  { letter: 'B', name: 'Ben', place: 'kitchen' },
  { pubsub: '/pubsub-b', trpc: '/trpc-b' },
);

export const people = [ada, ben] as const;

export const PersonContext = createContext<Person>(ada);

/** Whose side of the page this is. */
export const usePerson = (): Person => useContext(PersonContext);

// Clients of before an edit would live on beside their successors: the page begins anew instead.
import.meta.hot?.accept(() => location.reload());
