import type { IncomingMessage } from 'node:http';
import type {
  ActionCtx,
  ActionOpts,
  AnyContract,
  EmittableName,
  EventMeta,
  EventNamed,
  EventNameOf,
  Logger,
  ParamsOf,
  PayloadOf,
  PubSubAdapter,
  PublishArgs,
  PublishName,
  ResultOf,
  Retention,
  StandardSchemaV1,
  TemplateOf,
  User,
} from '@hipponot/pubsub-core';
import type { EmitLedger } from './actions/emit-ledger.ts';
import type { Limits } from './limits.ts';

/** Who asks, as `authenticate` found out. */
export interface Principal {
  /** Absent: anonymous. */
  readonly user?: User | undefined;
  /** Milliseconds until the credentials expire: streams end no later. Absent: they do not. */
  readonly expiresInMs?: number | undefined;
}

/** What `authenticate` may look at. */
export interface IncomingRequest {
  readonly method: string;
  /** As the client sent it; the host is that of the `Host` header. */
  readonly url: URL;
  readonly headers: Headers;
  /** The request of Node's http server, where it came through one. */
  readonly node?: IncomingMessage;
}

/** What a user wants to do on a channel. `replay`: past events on (re)subscribe. */
export type PolicyAction = 'subscribe' | 'replay' | 'history' | 'emit';

/** What a policy decides by. */
export interface AuthorizeInput<Params = Readonly<Record<string, string>>> {
  /** `undefined`: anonymous. */
  readonly user: User | undefined;
  readonly action: PolicyAction;
  /** The concrete address. */
  readonly channel: string;
  /** The template's parameters, e.g. `{ room: '42' }`. */
  readonly params: Params;
}

/** The policy of one channel template. */
export interface ChannelPolicy<Params = Readonly<Record<string, string>>> {
  /**
   * Only `true` allows. Asked at every subscribe, replay, history and emit, and every `recheckMs`. One
   * that throws denies for now (`unavailable`), and is logged. **Absent: everyone may do everything on this channel.**
   */
  readonly authorize?: (input: AuthorizeInput<Params>) => boolean | Promise<boolean>;
  /** How much of the log is kept. @default the adapter's own */
  readonly retention?: Retention;
  /**
   * `strict`: the emits of one user on one channel run one after another, as they arrive. `relaxed`: they
   * may run at once. @default 'strict'
   */
  readonly ordering?: 'strict' | 'relaxed';
}

type TemplateIn<C extends AnyContract> = TemplateOf<C, EventNameOf<C>>;

/** Policies by the contract's channel templates. */
export type ChannelPolicies<C extends AnyContract> = {
  readonly [Template in TemplateIn<C>]?: ChannelPolicy<ParamsOf<Template>>;
};

// An action returns what its result schema takes; without a schema, what the inline action returned.
type ActionResult<E> = E extends { readonly resultSchema: infer Schema extends StandardSchemaV1 }
  ? StandardSchemaV1.InferInput<Schema>
  : E extends { readonly name: string; readonly channel: string }
    ? ResultOf<E>
    : never;

/** What `ctx.services` holds where `services` is not given. */
export interface DefaultServices {
  readonly logger: Logger;
}

/** What an action that is bound on the server gets beside the payload: its publishes are the contract's. */
export interface BoundActionCtx<C extends AnyContract, Services = DefaultServices> extends Omit<
  ActionCtx<Services>,
  'publish'
> {
  /** Publishes another event; its id derives from the emit's, so a re-run publishes nothing twice. */
  publish: <const Name extends PublishName<C>>(
    name: Name,
    ...args: PublishArgs<C, Name, { meta?: EventMeta }>
  ) => Promise<void>;
}

/** Actions by the names of the events that clients may emit. */
export type Actions<C extends AnyContract, Services = DefaultServices> = {
  readonly [Name in EmittableName<C>]?: (
    ctx: BoundActionCtx<C, Services>,
    payload: PayloadOf<EventNamed<C, Name>>,
    opts?: ActionOpts,
  ) => Promise<ActionResult<EventNamed<C, Name>>>;
};

/** `services` is required where actions need more than there is without. */
export type RequiredServices<Services> = DefaultServices extends Services
  ? unknown
  : { readonly services: Services };

/** Which pages of other origins may use the server. */
export interface CorsOptions {
  /** Exact origins such as `https://app.example.com`, or `'*'` for every one, then without cookies. */
  readonly origins: readonly string[] | '*';
}

/** The argument of `createPubSub`. Times in milliseconds. */
export interface PubSubOptions<C extends AnyContract, Services = DefaultServices> {
  readonly contract: C;
  readonly adapter: PubSubAdapter;
  /**
   * Finds out who asks; `null` answers 401. One that throws is a fault of the server (`internal`).
   * **Absent: everyone is anonymous.**
   */
  readonly authenticate?: (
    request: IncomingRequest,
  ) => Principal | null | Promise<Principal | null>;
  /** **A channel without `authorize` is open to everyone.** */
  readonly channels?: ChannelPolicies<C>;
  /** Every event of direction `CSE` needs an action, here or in its definition. */
  readonly actions?: Actions<C, Services>;
  /**
   * Handed to every action as `ctx.services`. Required where an action needs more than the logger; one in
   * an event's definition needs `db` and `logger`. @default { logger }
   */
  readonly services?: Services;
  /** @default '/pubsub' */
  readonly basePath?: string;
  /** @default 15_000 */
  readonly heartbeatMs?: number;
  readonly limits?: Partial<Limits>;
  /** How long an emit id is remembered, so that a retry has one effect. @default 86_400_000 (24 hours) */
  readonly emitWindowMs?: number;
  /**
   * How long an action may take. Then its `signal` is aborted, the emit and its repeats are answered
   * `in_doubt`, and the next emit runs. One that waits so long for its turn is answered `unavailable`.
   * @default 30_000
   */
  readonly actionTimeoutMs?: number;
  /**
   * How often `authorize` is asked again for channels that are open, so that a right which was changed
   * elsewhere ends; once per user and channel, however many streams. A right stays while its recheck throws
   * or is not answered, until the `limits.failedRechecks`th in a row. @default 60_000
   */
  readonly recheckMs?: number;
  /** Where emit ids are remembered. @default this process's memory */
  readonly emitLedger?: EmitLedger;
  /** The longest a stream lives; each ends at a random moment in the last fifth. @default 600_000 */
  readonly streamLifeMs?: number;
  /** @default console */
  readonly logger?: Logger;
  /** @default none: pages of the same origin only */
  readonly cors?: CorsOptions;
  /** Makes event ids and stream-independent request ids. @default UUID v7 */
  readonly generateId?: () => string;
}
