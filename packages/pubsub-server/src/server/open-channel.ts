import { PubSubError, type DeniedFrame, type Logger } from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { errorBody } from '../error-body.ts';
import { unavailable } from '../publish.ts';
import type { Principal } from '../pubsub-options.ts';
import { attach, type AttachDeps, type AttachRequest } from './attach.ts';
import { bringBack, endChannel, type Connection } from './hub.ts';
import { Subscription } from './subscription.ts';

/** What opening a channel needs of its server. */
export interface OpenDeps {
  readonly authorize: Authorize;
  readonly attaching: AttachDeps;
  readonly logger: Logger;
}

/** What the policies say of one channel of a request: how it may be attached, or why not. */
export type Admission = AttachRequest | PubSubError;

/** A channel of a stream, with what its policies say or will say of it. */
export interface ChannelToOpen {
  readonly channel: string;
  readonly admission: Admission | Promise<Admission>;
}

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
 * Opens the channels of a stream, each once its admission is known. A refusal, of the policy or the
 * backend, ends its channel alone; a plain client that may have it later comes back for it, once the other
 * channels were served what they missed. Never rejects.
 */
export async function openChannels(
  connection: Connection,
  channels: readonly ChannelToOpen[],
  deps: OpenDeps,
): Promise<void> {
  const refusals = await Promise.all(channels.map((each) => openChannel(connection, each, deps)));
  if (refusals.some((refusal) => refusal?.retryable)) bringBack(connection);
}

type Refusal = Omit<DeniedFrame, 'channel'>;

/** @returns why not, if so */
async function openChannel(
  connection: Connection,
  { channel, admission }: ChannelToOpen,
  deps: OpenDeps,
): Promise<Refusal | undefined> {
  const subscription = new Subscription(channel, connection);
  // Before any await, so that a revocation finds the channel while its policy is still asked.
  connection.subscriptions.set(channel, subscription);
  const admitted = admission instanceof Promise ? await admission : admission;
  const error =
    admitted instanceof PubSubError ? admitted : await tryAttach(subscription, admitted, deps);
  // Whoever closed the subscription meanwhile wants to hear nothing of it.
  if (!error || subscription.closed) return undefined;
  const refusal = refusalOf(error);
  endChannel(connection, subscription, refusal);
  return refusal;
}

/** An error as a stream tells it of one channel. */
export function refusalOf(error: unknown): Refusal {
  const known =
    error instanceof PubSubError
      ? error
      : new PubSubError('internal', 'The server failed on this channel.', { retryable: true });
  const { code, message, retryable } = errorBody(known);
  return { code, message, retryable };
}

async function tryAttach(
  subscription: Subscription,
  request: AttachRequest,
  { attaching, logger }: OpenDeps,
): Promise<PubSubError | undefined> {
  try {
    await attach(subscription, request, attaching);
    return undefined;
  } catch (cause) {
    if (subscription.closed) return undefined;
    logger.error(`The channel "${subscription.channel}" could not be attached.`, cause);
    return unavailable('The channel cannot be attached now: try again.', cause);
  }
}
