import { PubSubError, type ActionCtx, type Logger, type User } from '@hipponot/pubsub-core';
import { publishEvent, type Publication, type PublishDeps } from '../publish.ts';

/** What one run of an action is about. */
export interface ActionRun {
  readonly emitId: string;
  /** The emit's own, from which those of its publishes derive. */
  readonly repeatKey: string;
  readonly attempt: number;
  readonly user: User | undefined;
  readonly requestId: string;
}

/**
 * What the action gets beside its payload. Ids of what it publishes are `<emit id>.<n>`, in the order of
 * the calls: a second run publishes nothing twice.
 */
export function actionContext(
  run: ActionRun,
  services: unknown,
  publishing: PublishDeps,
  logger: Logger,
): ActionCtx<unknown> {
  let published = 0;
  const publish = (publication: Publication): Promise<void> => {
    published += 1;
    const ids = { id: `${run.emitId}.${published}`, repeatKey: `${run.repeatKey}.${published}` };
    const done = publishEvent({ ...publication, ...ids }, publishing).then(() => undefined, fail);
    // An action need not await it; a refusal nobody awaits must not end the process.
    done.catch((error: unknown) =>
      logger.error(`A publish of the action of emit ${run.emitId} failed.`, error),
    );
    return done;
  };
  return {
    ...(run.user ? { user: run.user } : {}),
    requestId: run.requestId,
    services,
    emitId: run.emitId,
    attempt: run.attempt,
    publish: (name, payload, { channel, meta } = {}) => publish({ name, payload, channel, meta }),
    emit: ({ name, payload, channel, meta }) => publish({ name, payload, channel, meta }),
  };
}

/** What the action publishes is the server's fault, not the client's: only "try again" goes through. */
function fail(error: unknown): never {
  if (error instanceof PubSubError && error.retryable) throw error;
  throw new Error('The action could not publish.', { cause: error });
}
