import { createPubSubHooks } from '@hipponot/pubsub-react';
import type { contract } from '../contract.ts';

export const { PubSubProvider, useChannel, useConnection, useEmit, useEvent } =
  createPubSubHooks<typeof contract>();
