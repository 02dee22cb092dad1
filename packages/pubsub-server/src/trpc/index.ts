export {
  createPubSubRouter,
  type ProcedureWith,
  type PubSubRouterOptions,
} from './create-pubsub-router.ts';
export type {
  EmitInput,
  EmitOutput,
  HistoryInput,
  HistoryOutput,
  PubSubProcedures,
  StreamItem,
  SubscribeInput,
} from './procedures.ts';
