import {
  errorCodes,
  PubSubError,
  type AnyEvent,
  type ErrorBody,
  type Logger,
  type User,
} from '@hipponot/pubsub-core';
import type { PolicyMap } from '../authorize.ts';
import { errorBody } from '../error-body.ts';
import { store, type CheckedEvent, type PublishDeps } from '../publish.ts';
import { validate } from '../validate.ts';
import { actionContext } from './action-context.ts';
import type { EmitLanes } from './emit-lanes.ts';
import type { EmitOutcome, EmitRun } from './emit-ledger.ts';
import type { ActionMap } from './resolve-actions.ts';
import { withTimeLimit } from './time-limit.ts';

/** An emit whose user may make it, and whose payload is the schema's output. */
export interface CheckedEmit {
  readonly event: AnyEvent;
  /** What direction `BOTH` publishes; its `repeatKey` is the emit's own. */
  readonly echo: CheckedEvent;
  readonly user: User | undefined;
  readonly requestId: string;
}

/** What running an emit needs of its server. */
export interface PerformDeps {
  readonly policies: PolicyMap;
  readonly actions: ActionMap;
  readonly services: unknown;
  readonly lanes: EmitLanes;
  /** How long an action may take, and how long an emit may wait for its turn. */
  readonly actionTimeoutMs: number;
  readonly publishing: PublishDeps;
  readonly logger: Logger;
  /** Aborted when the server stops waiting for actions. */
  readonly signal: AbortSignal;
}

/** Runs to an outcome that the ledger holds. Never rejects for what the action or the backend did. */
export async function performEmit(
  emit: CheckedEmit,
  run: EmitRun,
  deps: PerformDeps,
): Promise<EmitOutcome> {
  const { event, echo, user } = emit;
  const task = (): Promise<EmitOutcome> => actAndPublish(emit, run, deps);
  const relaxed = deps.policies.get(event.channel)?.ordering === 'relaxed';
  try {
    // An anonymous caller can't be told from the next one, so there is no order to keep.
    const outcome =
      relaxed || !user
        ? await task()
        : await deps.lanes.run(`${user.id} ${echo.channel}`, task, deps.actionTimeoutMs);
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

async function actAndPublish(
  emit: CheckedEmit,
  run: EmitRun,
  deps: PerformDeps,
): Promise<EmitOutcome> {
  const { event, echo } = emit;
  let resultJson = run.acted?.resultJson;
  if (!run.acted) {
    resultJson = await act(emit, run.attempt, deps);
    // From here on a retry only publishes.
    await run.markActed(resultJson);
  }
  if (event.direction !== 'BOTH') return { ok: true, resultJson };
  const { cursor } = await store(echo, deps.publishing);
  return { ok: true, resultJson, cursor };
}

/** The action's result as JSON. @throws {PubSubError} `bad_result`, and whatever the action throws */
async function act(
  { event, echo, user, requestId }: CheckedEmit,
  attempt: number,
  deps: PerformDeps,
): Promise<string | undefined> {
  const action = deps.actions.get(event.name);
  if (!action) return undefined;
  const run = { emitId: echo.id, repeatKey: echo.repeatKey, attempt, user, requestId };
  const ctx = actionContext(run, deps.services, deps.publishing, deps.logger);
  const checked = await withTimeLimit(
    deps.actionTimeoutMs,
    deps.signal,
    async (signal) => {
      const result = await action(ctx, echo.payload, { signal });
      return validate(event.resultSchema, result, ['result'], 'bad_result');
    },
    () => tookTooLong(event.name, echo.id, deps),
  );
  try {
    return JSON.stringify(checked);
  } catch (cause) {
    throw new PubSubError('bad_result', `The result of "${event.name}" is not JSON.`, {
      cause,
      path: ['result'],
    });
  }
}

/** Nobody knows what it did or still does, so no repeat may start it again. */
function tookTooLong(name: string, id: string, { actionTimeoutMs, logger }: PerformDeps): Error {
  logger.error(`The action of "${name}" took longer than ${actionTimeoutMs} ms (emit ${id}).`);
  return new PubSubError(
    'in_doubt',
    `The action of "${name}" took too long: it is unknown whether the emit took effect.`,
  );
}

/** What the client may know: an error the action chose for it, else that the action failed. */
function bodyOf(error: unknown, { event, echo }: CheckedEmit, logger: Logger): ErrorBody {
  if (error instanceof PubSubError && errorCodes[error.code].status > 0) {
    if (error.code === 'bad_result') {
      logger.error(
        `The result of the action of "${event.name}" does not fit (emit ${echo.id}).`,
        error,
      );
    }
    return errorBody(error);
  }
  logger.error(`The action of "${event.name}" failed (emit ${echo.id}).`, error);
  return {
    code: 'action_failed',
    message: `The action of "${event.name}" failed (emit ${echo.id}): the cause is in the server's log.`,
    retryable: false,
  };
}
