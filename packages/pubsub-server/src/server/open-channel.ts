import { PubSubError, type DeniedFrame, type Logger } from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { errorBody } from '../error-body.ts';
import { unavailable } from '../publish.ts';
import type { Principal } from '../pubsub-options.ts';
import { attach, type AttachDeps, type AttachRequest } from './attach.ts';
import { endChannel, type Connection } from './hub.ts';
import { Subscription } from './subscription.ts';

/** What opening a channel needs of its server. */
export interface OpenDeps {
  readonly authorize: Authorize;
  readonly attaching: AttachDeps;
  readonly logger: Logger;
}

/** What the policies say of one channel of a request: how it may be attached, or why not. */
export type Admission = AttachRequest | PubSubError;

/** Asks the policies for a channel and for its past, with the rights of now. Never rejects. */
export async function admit(
  request: AttachRequest,
  { user }: Principal,
  { authorize, logger }: OpenDeps,
): Promise<Admission> {
  try {
    await authorize(user, 'subscribe', request.channel);
    if (!request.cursor && request.history === 0) return request;
    const past = await authorize(user, 'replay', request.channel).catch((error: unknown) => error);
    if (!(past instanceof Error)) return request;
    if (past instanceof PubSubError && past.code === 'forbidden') {
      return { ...request, replayDenied: true };
    }
    throw past;
  } catch (error) {
    if (error instanceof PubSubError) return error;
    logger.error(`The channel "${request.channel}" could not be authorised.`, error);
    return new PubSubError('internal', 'The server failed on this channel.', { retryable: true });
  }
}

/**
 * Opens one channel of a stream once its admission is known. A refusal, of the policy or the backend,
 * ends this channel alone.
 */
export async function openChannel(
  connection: Connection,
  channel: string,
  admission: Admission | Promise<Admission>,
  deps: OpenDeps,
): Promise<void> {
  const subscription = new Subscription(channel, connection);
  // Before any await, so that a revocation finds the channel while its policy is still asked.
  connection.subscriptions.set(channel, subscription);
  const admitted = admission instanceof Promise ? await admission : admission;
  if (admitted instanceof PubSubError) endChannel(connection, subscription, refusalOf(admitted));
  else await attachOrRefuse(subscription, admitted, connection, deps);
}

/** An error as a stream tells it of one channel. */
export function refusalOf(error: unknown): Omit<DeniedFrame, 'channel'> {
  const known =
    error instanceof PubSubError
      ? error
      : new PubSubError('internal', 'The server failed on this channel.', { retryable: true });
  const { code, message, retryable } = errorBody(known);
  return { code, message, retryable };
}

async function attachOrRefuse(
  subscription: Subscription,
  request: AttachRequest,
  connection: Connection,
  { attaching, logger }: OpenDeps,
): Promise<void> {
  try {
    await attach(subscription, request, attaching);
  } catch (cause) {
    // Whoever closed the subscription meanwhile wants to hear nothing of it.
    if (subscription.closed) return;
    logger.error(`The channel "${subscription.channel}" could not be attached.`, cause);
    // A plain client would wait for ever on a channel that was refused for now: let it come back.
    if (connection.plain)
      return connection.drain('unavailable', 1000 + Math.round(Math.random() * 2000));
    endChannel(
      connection,
      subscription,
      refusalOf(unavailable('The channel cannot be attached now: try again.', cause)),
    );
  }
}
