export { createPubSub } from './create-pubsub.ts';
export type { HistoryOf, HistoryOptions, HistoryPage, PastEvent } from './history.ts';
export type { Limits } from './limits.ts';
export type { LiveChannel, PublishOptions, PubSub, PubSubStatus, StopOptions } from './pubsub.ts';
export type {
  Actions,
  AuthorizeInput,
  BoundActionCtx,
  ChannelPolicies,
  ChannelPolicy,
  CorsOptions,
  DefaultServices,
  IncomingRequest,
  PolicyAction,
  Principal,
  PubSubOptions,
} from './pubsub-options.ts';
export type { PublishReceipt } from './publish.ts';
export type {
  EmitClaim,
  EmitLedger,
  EmitOutcome,
  EmitRun,
  EmitStart,
} from './actions/emit-ledger.ts';
export type { NodeHandler } from './server/http/node-handler.ts';
export type { Revocation, StreamEnd } from './server/hub.ts';
export type { ServerState } from './server/server-context.ts';
