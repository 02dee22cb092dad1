import { createPubSubHooks, type PubSubHooks } from '../../create-pubsub-hooks.ts';
import type { contract } from '../test-contract.ts';

/** The hooks under test. Not the global ones, whose types belong to whichever app registers a contract. */
export const hooks: PubSubHooks<typeof contract> = createPubSubHooks<typeof contract>();
