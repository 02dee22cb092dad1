import { createHash } from 'node:crypto';
import {
  PubSubError,
  quote,
  type AnyContract,
  type Cursor,
  type ErrorCode,
  type User,
} from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { addressOf, encodeEnvelope, eventOf } from '../publish.ts';
import { validate } from '../validate.ts';
import type { EmitLedger, EmitOutcome } from './emit-ledger.ts';
import { performEmit, type CheckedEmit, type PerformDeps } from './perform-emit.ts';
import { isEmittable } from './resolve-actions.ts';

/** An emit as it came in. */
export interface EmitRequest {
  readonly name: unknown;
  readonly payload: unknown;
  readonly channel?: unknown;
  readonly id?: unknown;
  readonly requestId: string;
}

/** What the client gets. */
export interface EmitAnswer {
  readonly id: string;
  /** This emit was answered before: it is the first answer again. */
  readonly duplicate: boolean;
  /** The action's result as JSON; absent where there is none. */
  readonly resultJson?: string | undefined;
  /** Direction `BOTH`: where the echo stands in the channel's log. */
  readonly cursor?: Cursor | undefined;
}

/** What emits need of their server. */
export interface EmitDeps extends PerformDeps {
  readonly contract: AnyContract;
  readonly authorize: Authorize;
  readonly ledger: EmitLedger;
  readonly windowMs: number;
  readonly running: Set<Promise<unknown>>;
  readonly maxRunning: number;
  /** Emits of each signed-in user that run or wait. */
  readonly perUser: Map<string, number>;
  readonly maxPerUser: number;
  readonly ready: () => Promise<void>;
}

const idPattern = /^[\w-]{1,64}$/;

/** Checks, runs the event's action once, publishes once (`BOTH`), and answers. */
export async function runEmit(
  request: EmitRequest,
  user: User | undefined,
  deps: EmitDeps,
): Promise<EmitAnswer> {
  const emit = await checkEmit(request, user, deps);
  await deps.ready();
  if (deps.running.size >= deps.maxRunning) {
    throw new PubSubError('unavailable', 'Too many emits are running.', {
      retryable: true,
      retryAfterMs: 1000,
    });
  }
  const leave = enter(user, deps);
  try {
    return await claimAndPerform(emit, request.payload, deps);
  } finally {
    leave();
  }
}

/** Counts an emit of a user until it is answered. @throws {PubSubError} `too_many_emits` */
function enter(user: User | undefined, { perUser, maxPerUser }: EmitDeps): () => void {
  // Anonymous callers can't be told apart: the bound of all emits is theirs.
  if (!user) return () => undefined;
  const count = perUser.get(user.id) ?? 0;
  if (count >= maxPerUser) {
    throw new PubSubError(
      'too_many_emits',
      'This user has as many emits running as it may have: wait for one to end.',
      { retryable: true, retryAfterMs: 1000 },
    );
  }
  perUser.set(user.id, count + 1);
  return () => {
    const left = (perUser.get(user.id) ?? 0) - 1;
    if (left > 0) perUser.set(user.id, left);
    else perUser.delete(user.id);
  };
}

/** Runs the emit, or gives the outcome of the same one. */
async function claimAndPerform(
  emit: CheckedEmit,
  payload: unknown,
  deps: EmitDeps,
): Promise<EmitAnswer> {
  const { id, channel } = emit.echo;
  const fingerprint = hash(channel, canonicalJson(payload));
  const claim = { event: emit.event.name, id, userId: emit.user?.id, fingerprint };
  const start = await deps.ledger.begin(claim, deps.windowMs);
  if (start.status === 'conflict') {
    throw new PubSubError(
      'emit_conflict',
      `The emit id ${quote(id)} was used with another payload or by another user.`,
      { path: ['id'] },
    );
  }
  if (start.status === 'repeat') return answerOf(id, true, start.outcome);
  const performing = performEmit(emit, start.run, deps);
  deps.running.add(performing);
  try {
    return answerOf(id, false, await performing);
  } finally {
    deps.running.delete(performing);
  }
}

/** Everything that can be wrong with an emit is found before its action runs. */
async function checkEmit(
  request: EmitRequest,
  user: User | undefined,
  { contract, authorize, publishing }: EmitDeps,
): Promise<CheckedEmit> {
  if (typeof request.name !== 'string') {
    throw new PubSubError('bad_request', 'name must be the name of an event.', { path: ['name'] });
  }
  const event = eventOf(contract, request.name);
  const { name } = event;
  if (!isEmittable(event)) {
    throw new PubSubError('not_emittable', `The event "${name}" is server to client only.`, {
      path: ['name'],
    });
  }
  const id = request.id === undefined ? publishing.generateId() : request.id;
  if (typeof id !== 'string' || !idPattern.test(id)) {
    throw new PubSubError(
      'bad_request',
      `id must be 1 to 64 of A-Z a-z 0-9 _ -, not ${quote(id)}.`,
      { path: ['id'] },
    );
  }
  const channel = addressOf(contract, event, request.channel);
  await authorize(user, 'emit', channel);
  const payload = await validate(event.payloadSchema, request.payload, ['payload']);
  // Clients choose their ids: scoped, so that none of them can take the id of another event or user.
  const repeatKey = hash(name, user?.id ?? '', id);
  const echo = { name, template: event.channel, channel, payload, id, repeatKey };
  encodeEnvelope(echo, publishing);
  return { event, echo, user, requestId: request.requestId };
}

function answerOf(id: string, duplicate: boolean, outcome: EmitOutcome): EmitAnswer {
  if (outcome.ok) return { id, duplicate, resultJson: outcome.resultJson, cursor: outcome.cursor };
  const { code, message, ...rest } = outcome.error;
  throw new PubSubError(code as ErrorCode, message, rest);
}

/** The same for the same JSON, in whatever order its keys came. */
function canonicalJson(value: unknown): string {
  const sorted = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(
          Object.entries(each).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        )
      : each,
  );
  return sorted ?? '';
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
