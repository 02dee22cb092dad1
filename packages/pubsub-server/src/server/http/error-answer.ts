import type { ServerResponse } from 'node:http';
import { errorCodes, PubSubError, type ErrorBody, type Logger } from '@hipponot/pubsub-core';
import { errorBody } from '../../error-body.ts';
import { answerJson } from './exchange.ts';

/** An error as HTTP says it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
}

/**
 * What a client may know of an error: code, message and path of our own, nothing of any other, which is
 * logged and answered `internal`. Never a stack.
 */
export function errorAnswer(error: unknown, logger: Logger): ErrorAnswer {
  const known = error instanceof PubSubError ? overHttp(error) : undefined;
  if (!known || known.code === 'internal') logger.error('A request failed unexpectedly.', error);
  const said =
    known ?? new PubSubError('internal', 'The server failed on this request.', { retryable: true });
  return { status: errorCodes[said.code].status, body: errorBody(said) };
}

export function answerError(
  response: ServerResponse,
  error: unknown,
  logger: Logger,
  headers: Record<string, string> = {},
): void {
  const { status, body } = errorAnswer(error, logger);
  const retryAfter =
    body.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(body.retryAfterMs / 1000)) };
  answerJson(response, status, JSON.stringify(body), { ...retryAfter, ...headers });
}

/** A code without a status of its own is one of ours that has no business here, except the backend's. */
function overHttp(error: PubSubError): PubSubError | undefined {
  if (errorCodes[error.code].status > 0) return error;
  if (error.code !== 'adapter_state') return undefined;
  return new PubSubError('unavailable', 'The server is starting or stopping.', {
    retryable: true,
    retryAfterMs: 1000,
  });
}
