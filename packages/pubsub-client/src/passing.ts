import { PubSubError, type ErrorCode } from '@hipponot/pubsub-core';

/** An error that may be gone at the next try. */
export function passing(
  code: ErrorCode,
  message: string,
  retryAfterMs?: number,
  cause?: unknown,
): PubSubError {
  return new PubSubError(code, message, { retryable: true, retryAfterMs, cause });
}
