import type { User } from '@hipponot/pubsub-core';

/** Who works here. A real application would look into a session or a signed token. */
const users: readonly User[] = [
  { id: 'ada', roles: ['counter'] },
  { id: 'ben', roles: ['kitchen'] },
];

/** The user that a bearer token names. */
export function userOf(authorization: string | null | undefined): User | undefined {
  const token = /^Bearer (\w+)$/.exec(authorization ?? '')?.[1];
  return users.find(({ id }) => id === token);
}
