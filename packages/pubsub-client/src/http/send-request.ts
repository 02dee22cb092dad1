import { PubSubError, type ErrorBody, type ErrorCode } from '@hipponot/pubsub-core';

/** What `new Headers()` takes. */
export type HeadersLike = Headers | Record<string, string> | [string, string][];

/**
 * Credentials and other headers. As a function it is called for every attempt; `refresh` is true when
 * the last ones were refused or are about to expire, so that a cached token is no use.
 */
export type HeadersSource =
  | HeadersLike
  | ((request: { readonly refresh: boolean }) => HeadersLike | Promise<HeadersLike>);

export interface RequestOptions {
  readonly url: string;
  readonly headers?: HeadersSource | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly credentials?: RequestCredentials | undefined;
}

/**
 * Sends a request, POST if it has a body, and gives its answer if that is a good one of the type asked
 * for. Every failure is a {@link PubSubError}.
 */
export type SendRequest = (
  path: string,
  body: unknown,
  accept: string,
  signal: AbortSignal,
  refresh?: boolean,
) => Promise<Response>;

/** The one place that talks to the network. */
export function createSendRequest(options: RequestOptions): SendRequest {
  const { url, headers = {} } = options;
  let refreshing: Promise<HeadersLike> | undefined;

  async function evaluate(refresh: boolean): Promise<HeadersLike> {
    return typeof headers === 'function' ? headers({ refresh }) : headers;
  }

  /** Requests that are refused together share one refresh, and those that begin meanwhile wait for it. */
  function headersOfNow(refresh = false): Promise<HeadersLike> {
    if (!refresh) return refreshing ?? evaluate(false);
    refreshing ??= evaluate(true).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  return async (path, body, accept, signal, refresh) => {
    let response: Response;
    try {
      const sent = new Headers(await headersOfNow(refresh));
      signal.throwIfAborted();
      sent.set('accept', accept);
      if (body) sent.set('content-type', 'application/json');
      response = await (options.fetch ?? fetch)(url.replace(/\/$/, '') + path, {
        method: body ? 'POST' : 'GET',
        headers: sent,
        body: body ? JSON.stringify(body) : null,
        signal,
        cache: 'no-store',
        credentials: options.credentials ?? 'same-origin',
        // A 302 would turn the POST into an empty GET, and a foreign origin would see the body.
        redirect: 'error',
      });
    } catch (cause) {
      if (cause instanceof PubSubError) throw cause;
      // Browsers tell the same fault in different words, so no word of it is looked at.
      throw new PubSubError('network', `The request to ${url} failed: ${String(cause)}`, {
        cause,
        retryable: true,
      });
    }
    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (response.ok && type === accept) return response;
    throw await readError(response, type);
  };
}

/** The error that an answer stands for: ours if its body is, else that of something in between. */
async function readError(response: Response, type: string | undefined): Promise<PubSubError> {
  const { status, headers } = response;
  let body: Partial<ErrorBody> | null | undefined;
  // Only JSON is read: an error page may be of any size.
  if (type === 'application/json') body = await response.json().catch(() => null);
  else await response.body?.cancel();
  const ours = typeof body?.code === 'string' ? body : undefined;
  const isAuth = status === 401;
  // Seconds, or a date.
  const after = headers.get('retry-after') ?? '';
  return new PubSubError(
    (ours?.code ?? (isAuth ? 'unauthenticated' : 'bad_answer')) as ErrorCode,
    ours?.message ?? `${response.url} answers ${status}, not as a pubsub server does.`,
    {
      ...ours,
      status,
      retryable: ours ? ours.retryable === true : !isAuth,
      retryAfterMs:
        ours?.retryAfterMs ?? (Number(after) * 1000 || Date.parse(after) - Date.now() || undefined),
    },
  );
}
