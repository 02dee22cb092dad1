export { createPubSub } from '../create-pubsub.ts';
export type { PubSub, PubSubStatus } from '../pubsub.ts';
export type { NodeHandler } from './http/node-handler.ts';
