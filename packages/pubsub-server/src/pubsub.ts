import type {
  AdapterCapabilities,
  AdapterHealth,
  AnyContract,
  ChannelOf,
  EventMeta,
  PublishArgs,
  PublishName,
} from '@hipponot/pubsub-core';
import type { HistoryOf, HistoryOptions } from './history.ts';
import type { PublishReceipt } from './publish.ts';
import type { Revocation, StreamEnd } from './server/hub.ts';
import type { NodeHandler } from './server/http/node-handler.ts';
import type { ServerContext, ServerState } from './server/server-context.ts';

/** How to publish. */
export interface PublishOptions {
  /** Of a repeat inside the adapter's window only the first is stored. @default a new id */
  readonly id?: string;
  readonly meta?: EventMeta;
}

/** A channel with subscribers on this node. */
export interface LiveChannel {
  readonly channel: string;
  readonly subscribers: number;
}

/** What the server is doing, in this process. */
export interface PubSubStatus {
  readonly state: ServerState;
  readonly adapter: {
    readonly name: string;
    readonly capabilities: AdapterCapabilities;
    readonly health: AdapterHealth;
  };
  readonly streams: number;
  readonly channels: number;
  readonly subscriptions: number;
  readonly runningEmits: number;
  /** Streams that ended since the start, by why. */
  readonly ended: Readonly<Partial<Record<StreamEnd, number>>>;
}

/** How to stop. */
export interface StopOptions {
  /** Streams end spread over this time, and running actions may finish in it. Milliseconds. @default 5000 */
  readonly drainMs?: number;
}

/** A server: publishes, streams, answers history, runs actions. */
export interface PubSub<C extends AnyContract> {
  readonly contract: C;
  /**
   * Validates, stores and fans out an event; settles once the adapter holds it.
   *
   * @throws {PubSubError} `bad_payload` with `path` and `issues`, `event_too_large`, `unavailable`, …
   */
  publish<const Name extends PublishName<C>>(
    name: Name,
    ...args: PublishArgs<C, Name, PublishOptions>
  ): Promise<PublishReceipt>;
  /** Reads a page of a channel's log, with the rights of the server. */
  history<const Channel extends ChannelOf<C>>(
    channel: Channel,
    options?: HistoryOptions,
  ): Promise<HistoryOf<C, Channel>>;
  /** Channels that have subscribers on this node. */
  channels(): LiveChannel[];
  status(): Promise<PubSubStatus>;
  /**
   * Ends the user's streams on this node, or one channel of them (an address, or a template for all its
   * addresses). What they open next is decided by `authenticate` and `authorize`, so change that first.
   */
  revoke(revocation: Revocation): void;
  /** Starts the adapter. The first use does it too. @throws {PubSubError} `unavailable` */
  start(): Promise<void>;
  /** Tells every stream to reopen elsewhere and ends it, lets running actions finish, stops the adapter. */
  stop(options?: StopOptions): Promise<void>;
  /** Serves the endpoints of PROTOCOL.md: `createServer(pubsub.nodeHandler)`, or Express and Connect. */
  readonly nodeHandler: NodeHandler;
  /** @internal For the tRPC router. */
  readonly '~server': ServerContext;
}
