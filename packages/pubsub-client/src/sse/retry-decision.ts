import type { PubSubError } from '@hipponot/pubsub-core';

/** `refresh`: once, with new credentials. `stop`: until the application asks again. */
export type Verdict = 'retry' | 'refresh' | 'stop';

/**
 * What to do about a stream that failed. A 4xx comes here with a code of ours only if its body was ours:
 * a portal's 403 or an ingress's 404 is `bad_answer`, and passes.
 */
export function decideRetry({ code }: PubSubError): Verdict {
  switch (code) {
    // The credentials may just be old.
    case 'unauthenticated':
      return 'refresh';
    // This user may not, whatever the time.
    case 'forbidden':
    // The request itself is wrong, and would be the same again.
    case 'bad_request':
    case 'bad_cursor':
    case 'bad_channel':
    case 'too_many_channels':
    case 'body_too_large':
    case 'unsupported_media_type':
    // There is a server of ours, but not at this address.
    case 'not_found':
    case 'method_not_allowed':
    // The client was made with a URL that cannot be asked.
    case 'bad_options':
      return 'stop';
    // 5xx, 429, pages of others, truncation, silence, malformed frames: the next stream may be well.
    default:
      return 'retry';
  }
}
