export type * from './pubsub-adapter.ts';
