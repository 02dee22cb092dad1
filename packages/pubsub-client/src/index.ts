export { createClient } from './client/create-client.ts';
export type { ClientOptions } from './client/client-options.ts';
export type { ConnectionState, ConnectionStatus, PauseReason } from './client/connection-status.ts';
export type { PageSignals } from './client/page-signals.ts';
export type {
  ChannelHandlers,
  ChannelOptions,
  ChannelStore,
  EmitOptions,
  EmitReceipt,
  HistoryPage,
  PubSubClient,
  Readable,
} from './client/pubsub-client.ts';
export type {
  ArrivalMeta,
  ChannelSnapshot,
  Recovery,
  SubscriptionStatus,
} from './channels/channel-snapshot.ts';
export type { HeadersLike, HeadersSource } from './http/send-request.ts';
export type { Clock } from './sse/clock.ts';
export type { ChannelRequest, StreamListener, StreamRequest, Transport } from './sse/transport.ts';
export type { Disposition, EmitState, TapRecord } from './tap.ts';
