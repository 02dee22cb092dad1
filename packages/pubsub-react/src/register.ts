import type { AnyContract } from '@hipponot/pubsub-core';

/**
 * Tells the global hooks your contract. Augment it once in the app:
 *
 * @example
 * declare module '@hipponot/pubsub-react' {
 *   interface Register { contract: typeof contract }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- open for declaration merging by the app
export interface Register {}

/** The contract of a `Register`; any contract where nothing is registered. */
export type ContractOf<R> = R extends { contract: infer C extends AnyContract } ? C : AnyContract;

/** The contract that the global hooks are typed by. */
export type RegisteredContract = ContractOf<Register>;

/**
 * What the compiler prints in place of a channel or event name where no contract is registered. Without
 * it every misspelt channel would compile, and nobody would notice that the registration is missing.
 */
export type NotRegistered =
  'pubsub: no contract is registered. Augment `Register` of @hipponot/pubsub-react, or use createPubSubHooks<typeof contract>()';

/** `Names`, or the message where there are none to choose from. */
export type OrNotRegistered<C extends AnyContract, Names extends string> = AnyContract extends C
  ? NotRegistered
  : Names;
