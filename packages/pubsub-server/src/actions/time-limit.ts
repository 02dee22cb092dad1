/**
 * What the task gives, unless it takes longer. Then, and when `parent` is aborted, its signal is; nobody can
 * end a task that does not listen, but nobody waits for it any more.
 *
 * @param late makes the error of a task that took too long
 */
export async function withTimeLimit<T>(
  ms: number,
  parent: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = late();
    // Before the abort: what the task makes of it is no answer any more.
    over.reject(error);
    own.abort(error);
  }, ms).unref();
  try {
    return await Promise.race([task(own.signal), over.promise]);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', abort);
  }
}
