import { PubSubError } from '@hipponot/pubsub-core';
import type { SendRequest } from './send-request.ts';

/**
 * Sends a request and reads its JSON. On 401 the credentials are refreshed once; nothing else is tried
 * again. Rejects with the signal's reason if that aborts.
 */
export type Ask = <T>(path: string, body?: unknown, signal?: AbortSignal) => Promise<T>;

export function createAsk(send: SendRequest, closing: AbortSignal, timeoutMs: number): Ask {
  return (path, body, given) =>
    new Promise((resolve, reject) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any(given ? [closing, timeout, given] : [closing, timeout]);
      const abandon = (): void => {
        const late = new PubSubError('timeout', `No answer within ${timeoutMs} ms.`, {
          retryable: true,
        });
        reject(timeout.aborted ? late : (signal.reason as Error));
      };
      if (signal.aborted) return abandon();
      // A headers function that never settles must not hold what was aborted.
      signal.addEventListener('abort', abandon);
      const attempt = (refresh?: boolean): Promise<Response> =>
        send(path, body, 'application/json', signal, refresh);
      attempt()
        .catch((error: PubSubError) => {
          if (error.code !== 'unauthenticated') throw error;
          return attempt(true);
        })
        .then((response) => response.json())
        .then(resolve, (cause: unknown) =>
          reject(
            cause instanceof PubSubError
              ? cause
              : new PubSubError('network', 'The answer broke off or is no JSON.', {
                  cause,
                  retryable: true,
                }),
          ),
        );
    });
}
