import type {
  AnyContract,
  AttachedFrame,
  ChannelFor,
  ChannelOf,
  DeniedFrame,
  EmittableName,
  EnvelopeNamed,
  EventNamed,
  GapFrame,
  LiveFrame,
  NeedsChannel,
  PayloadInputOf,
  PublishableName,
  ResultOf,
} from '@hipponot/pubsub-core';
import type {
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server';
import type { HistoryPage } from '../history.ts';

/** The input of `subscribe`. A client that reconnects adds `lastEventId` by itself. */
export interface SubscribeInput<C extends AnyContract> {
  /** Each channel once, at most `limits.plainChannels`. */
  readonly channels: readonly {
    readonly channel: ChannelOf<C>;
    /** `<epoch>:<offset>` of the last event seen. Absent: as fresh. */
    readonly cursor?: string | undefined;
    /** Events from before, where delivery is as fresh. @default 0 */
    readonly history?: number | undefined;
  }[];
  /** The id of the last item seen: it holds the positions of all channels. */
  readonly lastEventId?: string | null | undefined;
}

type Envelope<C extends AnyContract> = {
  [Name in PublishableName<C>]: EnvelopeNamed<C, Name>;
}[PublishableName<C>];

/** What `subscribe` yields: events, and the frames that say how each channel fares. */
export type StreamItem<C extends AnyContract> =
  | { readonly type: 'event'; readonly cursor: string; readonly event: Envelope<C> }
  | ({ readonly type: 'attached' } & AttachedFrame)
  | ({ readonly type: 'live' } & LiveFrame)
  | ({ readonly type: 'gap' } & GapFrame)
  | ({ readonly type: 'denied' | 'revoked' } & DeniedFrame);

/** The input of `emit`: one of the events a client may emit. */
export type EmitInput<C extends AnyContract> = {
  [Name in EmittableName<C>]: {
    readonly name: Name;
    readonly payload: PayloadInputOf<EventNamed<C, Name>>;
    /** Makes a retry safe: inside the window it has one effect. @default a new one */
    readonly id?: string | undefined;
  } & (NeedsChannel<C, Name> extends true
    ? { readonly channel: ChannelFor<C, Name> }
    : { readonly channel?: ChannelFor<C, Name> | undefined });
}[EmittableName<C>];

/** What `emit` answers. */
export interface EmitOutput<C extends AnyContract> {
  readonly id: string;
  /** It is the first answer again. */
  readonly duplicate: boolean;
  /** What the event's action answered. */
  readonly result?: { [Name in EmittableName<C>]: ResultOf<EventNamed<C, Name>> }[EmittableName<C>];
  /** Direction `BOTH`: where the echo stands, `<epoch>:<offset>`. */
  readonly cursor?: string;
}

/** The input of `history`. */
export interface HistoryInput<C extends AnyContract> {
  readonly channel: ChannelOf<C>;
  /** `<epoch>:<offset>`: what follows it. Absent: the newest. */
  readonly after?: string | undefined;
  /** @default 50 */
  readonly limit?: number | undefined;
}

/** A page of a channel's log, as `GET /history` answers it. */
export type HistoryOutput<C extends AnyContract> = Omit<
  HistoryPage<Envelope<C> & { readonly cursor: string }>,
  'from' | 'top'
> & { readonly from: string; readonly top: string };

/** The procedures of a contract, for a tRPC client to infer from. */
// A type, not an interface: tRPC's records want an index signature, which only a type has implicitly.
export type PubSubProcedures<C extends AnyContract, Meta> = {
  subscribe: TRPCSubscriptionProcedure<{
    input: SubscribeInput<C>;
    output: AsyncIterable<{ id: string; data: StreamItem<C> }, void, unknown>;
    meta: Meta;
  }>;
  emit: TRPCMutationProcedure<{ input: EmitInput<C>; output: EmitOutput<C>; meta: Meta }>;
  history: TRPCQueryProcedure<{ input: HistoryInput<C>; output: HistoryOutput<C>; meta: Meta }>;
};
