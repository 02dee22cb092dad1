import { createHash } from 'node:crypto';
import {
  errorCodes,
  PubSubError,
  quote,
  type AnyContract,
  type AnyEvent,
  type Cursor,
  type ErrorBody,
  type ErrorCode,
  type Logger,
  type User,
} from '@hipponot/pubsub-core';
import type { Authorize, PolicyMap } from '../authorize.ts';
import { errorBody } from '../error-body.ts';
import { addressOf, eventOf, publishEvent, type PublishDeps } from '../publish.ts';
import { validate } from '../validate.ts';
import { actionContext } from './action-context.ts';
import type { EmitLanes } from './emit-lanes.ts';
import type { EmitLedger, EmitOutcome, EmitRun } from './emit-ledger.ts';
import { isEmittable, type ActionMap } from './resolve-actions.ts';

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
export interface EmitDeps {
  readonly contract: AnyContract;
  readonly policies: PolicyMap;
  readonly authorize: Authorize;
  readonly actions: ActionMap;
  readonly services: unknown;
  readonly ledger: EmitLedger;
  readonly lanes: EmitLanes;
  readonly running: Set<Promise<unknown>>;
  readonly maxRunning: number;
  readonly windowMs: number;
  readonly ready: () => Promise<void>;
  readonly publishing: PublishDeps;
  readonly logger: Logger;
  /** Aborted when the server stops waiting for actions. */
  readonly signal: AbortSignal;
}

const idPattern = /^[\w-]{1,64}$/;

/** Checks, runs the event's action once, publishes once (`BOTH`), and answers. */
export async function runEmit(
  request: EmitRequest,
  user: User | undefined,
  deps: EmitDeps,
): Promise<EmitAnswer> {
  if (typeof request.name !== 'string') {
    throw new PubSubError('bad_request', 'name must be the name of an event.', { path: ['name'] });
  }
  const event = eventOf(deps.contract, request.name);
  if (!isEmittable(event)) {
    throw new PubSubError('not_emittable', `The event "${event.name}" is server to client only.`, {
      path: ['name'],
    });
  }
  const id = request.id === undefined ? deps.publishing.generateId() : request.id;
  if (typeof id !== 'string' || !idPattern.test(id)) {
    throw new PubSubError(
      'bad_request',
      `id must be 1 to 64 of A-Z a-z 0-9 _ -, not ${quote(id)}.`,
      { path: ['id'] },
    );
  }
  const channel = addressOf(deps.contract, event, request.channel);
  await deps.authorize(user, 'emit', channel);
  const payload = await validate(event.payloadSchema, request.payload, ['payload']);
  await deps.ready();

  const fingerprint = hashOf(channel, request.payload);
  const start = await deps.ledger.begin(
    { event: event.name, id, userId: user?.id, fingerprint },
    deps.windowMs,
  );
  if (start.status === 'conflict') {
    throw new PubSubError(
      'emit_conflict',
      `The emit id ${quote(id)} was used with another payload or by another user.`,
      { path: ['id'] },
    );
  }
  if (start.status === 'repeat') return answerOf(id, true, start.outcome);
  const outcome = await track(deps, () =>
    perform({ event, id, channel, payload, user, requestId: request.requestId }, start.run, deps),
  );
  return answerOf(id, false, outcome);
}

interface Emit {
  readonly event: AnyEvent;
  readonly id: string;
  readonly channel: string;
  readonly payload: unknown;
  readonly user: User | undefined;
  readonly requestId: string;
}

/** Runs to an outcome that the ledger holds. Never rejects for what the action or the backend did. */
async function perform(emit: Emit, run: EmitRun, deps: EmitDeps): Promise<EmitOutcome> {
  try {
    if (deps.running.size >= deps.maxRunning) {
      throw new PubSubError('unavailable', 'Too many emits are running.', {
        retryable: true,
        retryAfterMs: 1000,
      });
    }
    const relaxed = deps.policies.get(emit.event.channel)?.ordering === 'relaxed';
    // An anonymous caller can't be told from the next one, so there is no order to keep.
    const outcome =
      relaxed || !emit.user
        ? await act(emit, run, deps)
        : await deps.lanes.run(`${emit.user.id} ${emit.channel}`, () => act(emit, run, deps));
    await run.settle(outcome);
    return outcome;
  } catch (error) {
    const body = bodyOf(error, emit, deps.logger);
    const outcome: EmitOutcome = { ok: false, error: body };
    if (body.retryable) await run.release(body);
    else await run.settle(outcome);
    return outcome;
  }
}

async function act(emit: Emit, run: EmitRun, deps: EmitDeps): Promise<EmitOutcome> {
  const { event, id, channel, payload } = emit;
  let resultJson = run.acted?.resultJson;
  const action = deps.actions.get(event.name);
  if (action && !run.acted) {
    const ctx = actionContext(
      { emitId: id, attempt: run.attempt, user: emit.user, requestId: emit.requestId },
      deps.services,
      deps.publishing,
      deps.logger,
    );
    resultJson = encodeResult(
      event,
      await validate(
        event.resultSchema,
        await action(ctx, payload, { signal: deps.signal }),
        ['result'],
        'bad_result',
      ),
    );
    // From here on a retry only publishes.
    await run.markActed(resultJson);
  }
  if (event.direction !== 'BOTH') return { ok: true, resultJson };
  const { cursor } = await publishEvent(
    { name: event.name, payload, channel, id, validated: true },
    deps.publishing,
  );
  return { ok: true, resultJson, cursor };
}

function encodeResult(event: AnyEvent, result: unknown): string | undefined {
  try {
    return JSON.stringify(result);
  } catch (cause) {
    throw new PubSubError('bad_result', `The result of "${event.name}" is not JSON.`, {
      cause,
      path: ['result'],
    });
  }
}

/** What the client may know: an error the action chose for it, else that the action failed. */
function bodyOf(error: unknown, { event, id }: Emit, logger: Logger): ErrorBody {
  if (error instanceof PubSubError && errorCodes[error.code].status > 0) {
    if (error.code === 'bad_result')
      logger.error(`The result of the action of "${event.name}" does not fit (emit ${id}).`, error);
    return errorBody(error);
  }
  logger.error(`The action of "${event.name}" failed (emit ${id}).`, error);
  return {
    code: 'action_failed',
    message: `The action of "${event.name}" failed.`,
    retryable: false,
  };
}

function answerOf(id: string, duplicate: boolean, outcome: EmitOutcome): EmitAnswer {
  if (outcome.ok) return { id, duplicate, resultJson: outcome.resultJson, cursor: outcome.cursor };
  const { code, message, ...rest } = outcome.error;
  throw new PubSubError(code as ErrorCode, message, rest);
}

async function track<T>({ running }: EmitDeps, task: () => Promise<T>): Promise<T> {
  const promise = task();
  running.add(promise);
  try {
    return await promise;
  } finally {
    running.delete(promise);
  }
}

/** The same for the same JSON, in whatever order its keys came. */
function hashOf(channel: string, payload: unknown): string {
  const sorted = JSON.stringify(payload, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        )
      : value,
  );
  return createHash('sha256')
    .update(channel)
    .update('\n')
    .update(sorted ?? '')
    .digest('base64url');
}
