import type { ErrorCode, PubSubError } from '@hipponot/pubsub-core';

/** `refresh`: once, with new credentials. `stop`: until the application asks again. */
export type Verdict = 'retry' | 'refresh' | 'stop';

const final: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  // This user may not, whatever the time.
  'forbidden',
  // The request itself is wrong, and would be the same again.
  'bad_request',
  'bad_cursor',
  'bad_channel',
  'too_many_channels',
  'body_too_large',
  'unsupported_media_type',
  // There is a server of ours, but not at this address.
  'not_found',
  'method_not_allowed',
]);

/**
 * What to do about a stream that failed. A 4xx comes here with a code of ours only if its body was ours:
 * a portal's 403 or an ingress's 404 is `bad_answer`, and passes.
 */
export function decideRetry({ code }: PubSubError): Verdict {
  // The credentials may just be old.
  if (code === 'unauthenticated') return 'refresh';
  // 5xx, 429, pages of others, truncation, silence, malformed frames: the next stream may be well.
  return final.has(code) ? 'stop' : 'retry';
}
