import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventEnvelope, EventMeta, EventName } from './event.ts';

/**
 * Who may send the event: `SSE` the server alone, `CSE` the client alone (its action runs, nothing is
 * published by itself), `BOTH` the client emits, the action runs, the server publishes it.
 */
export type Direction = 'SSE' | 'CSE' | 'BOTH';

/** The application's database handle. Augment it, or type `services` at `createPubSub`. */
// oxlint-disable-next-line typescript/no-empty-object-type -- open for declaration merging by the app
export interface DbClient {}

/** What an action may expect of a cache. Times in milliseconds. */
export interface CacheClient {
  get(key: string): Promise<string | null | undefined>;
  set(key: string, value: string, options?: { ttlMs?: number }): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** A structural logger: `console` and pino both fit. */
export interface Logger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** Remembers the first result of a key, so that a retry gets it again. Times in milliseconds. */
export interface IdempotencyStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, options?: { ttlMs?: number }): Promise<unknown>;
}

/** The signed-in user as actions and policies see it. */
export interface User {
  id: string;
  roles: string[];
}

/** What the specification hands to every action (§3.2). */
export interface ActionServices {
  db: DbClient;
  cache?: CacheClient;
  logger: Logger;
  idempotency?: IdempotencyStore;
}

/** Where and with what an action's own publish goes out. */
export interface ActionPublishOptions {
  /** The concrete address; required where the event's channel template has parameters. */
  channel?: string;
  meta?: EventMeta;
}

/** What an action gets beside the payload (specification §3.2). */
export interface ActionCtx<Services = ActionServices> {
  user?: User;
  requestId?: string;
  services: Services;
  /** Publishes an envelope built by hand (the specification's form of {@link ActionCtx.publish}). */
  emit: (event: EventEnvelope) => Promise<void>;
  /** Publishes another event; its id derives from the emit's, so a re-run publishes nothing twice. */
  // A method: an action written for any contract can be bound to one whose `publish` takes its names alone.
  publish(name: EventName, payload: unknown, options?: ActionPublishOptions): Promise<void>;
  /** The emit's id: the same for every retry of it. */
  emitId: string;
  /** 1 for the first run of this emit. */
  attempt: number;
}

/** Reserved for options of a single run. */
export interface ActionOpts {
  /** Aborted when the server stops waiting for the action. */
  signal?: AbortSignal;
}

/** The server-side effect of an emitted event. */
export type EventAction<Payload, Result, Services = ActionServices> = (
  ctx: ActionCtx<Services>,
  payload: Payload,
  opts?: ActionOpts,
) => Promise<Result>;

/**
 * One event as the specification writes it (§3.2, §8.2). Any Standard Schema (zod, valibot, arktype)
 * stands where the specification names `ZodSchema`. Prefer `defineEvent`, which keeps the literal names.
 */
export interface EventDefinition<Payload, Result = void> {
  name: string;
  channel: string;
  payloadSchema?: StandardSchemaV1<unknown, Payload>;
  resultSchema?: StandardSchemaV1<unknown, Result>;
  /** @default 'SSE' */
  direction?: Direction;
  action?: EventAction<Payload, Result>;
  description?: string;
  version?: number;
}
