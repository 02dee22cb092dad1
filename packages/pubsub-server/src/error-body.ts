import { errorCodes, type ErrorBody, type PubSubError } from '@hipponot/pubsub-core';

/** What a client may know of an error of ours: never its cause or stack. */
export function errorBody(error: PubSubError): ErrorBody {
  const { code, message, path, issues, retryAfterMs } = error;
  return {
    code,
    message,
    retryable: error.retryable || errorCodes[code].retryable,
    ...(path ? { path } : {}),
    ...(issues ? { issues } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
