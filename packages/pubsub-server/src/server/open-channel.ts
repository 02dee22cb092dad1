import {
  errorCodes,
  PubSubError,
  type DeniedFrame,
  type Logger,
  type User,
} from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { attach, type AttachDeps, type AttachRequest } from './attach.ts';
import type { Subscription } from './subscription.ts';

/** What opening a channel needs of its server. */
export interface OpenDeps {
  readonly authorize: Authorize;
  readonly attaching: AttachDeps;
  readonly logger: Logger;
}

/** May this user have the channel, and its past? @throws {PubSubError} `unknown_channel` or `forbidden` */
export async function admit(
  request: AttachRequest,
  user: User | undefined,
  authorize: Authorize,
): Promise<AttachRequest> {
  await authorize(user, 'subscribe', request.channel);
  if (!request.cursor && request.history === 0) return request;
  try {
    await authorize(user, 'replay', request.channel);
    return request;
  } catch (error) {
    if (error instanceof PubSubError && error.code === 'forbidden')
      return { ...request, replayDenied: true };
    throw error;
  }
}

/** Attaches an admitted channel; if the backend refuses, so is the channel, and the others flow. */
export async function openChannel(
  subscription: Subscription,
  request: AttachRequest,
  deps: OpenDeps,
): Promise<void> {
  try {
    await attach(subscription, request, deps.attaching);
  } catch (cause) {
    // Whoever closed the subscription meanwhile wants to hear nothing of it.
    if (subscription.closed) return;
    deps.logger.error(`The channel "${subscription.channel}" could not be attached.`, cause);
    subscription.refuse({
      code: 'unavailable',
      message: 'The channel cannot be attached now: try again.',
      retryable: true,
    });
  }
}

/** A refusal as the stream says it. */
export function refusalOf(error: PubSubError): Omit<DeniedFrame, 'channel'> {
  const { code, message, retryable } = error;
  return { code, message, retryable: retryable || errorCodes[code].retryable };
}
