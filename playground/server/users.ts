import type { User } from '@hipponot/pubsub-core';
import type { AuthorizeInput, Principal } from '@hipponot/pubsub-server';

/** Who works here. A real application would look into a session or a signed token. */
const users: readonly User[] = [
  { id: 'ada', roles: ['counter'] },
  { id: 'ben', roles: ['kitchen'] },
];

/** The user that a bearer token names; without a token anybody, and `null` for one that names nobody. */
export function principalOf(authorization: string | null | undefined): Principal | null {
  if (!authorization) return {};
  const token = /^Bearer (\w+)$/.exec(authorization)?.[1];
  const user = users.find(({ id }) => id === token);
  return user ? { user } : null;
}

/** What passers-by see through the window. */
const inTheWindow: ReadonlySet<string> = new Set(['orders', 'house']);

/** Anybody may watch the orders; all else is for those who work here. One rule, whatever the way in. */
export function may({
  user,
  action,
  channel,
}: Pick<AuthorizeInput, 'user' | 'action' | 'channel'>): boolean {
  return user !== undefined || (action !== 'emit' && inTheWindow.has(channel));
}
