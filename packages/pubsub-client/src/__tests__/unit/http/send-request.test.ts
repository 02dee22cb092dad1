import { PubSubError } from '@hipponot/pubsub-core';
import { describe, expect, test, vi } from 'vitest';
import { createSendRequest, type HeadersSource } from '../../../http/send-request.ts';

const json = 'application/json';
const signal = new AbortController().signal;

function answering(answer: () => Response | Promise<Response>) {
  return vi.fn<typeof fetch>(async () => answer());
}

async function failure(response: Response): Promise<PubSubError> {
  const send = createSendRequest({ url: 'http://host/pubsub', fetch: answering(() => response) });
  return (await send('/stream', {}, 'text/event-stream', signal).catch(
    (error: unknown) => error,
  )) as PubSubError;
}

describe('a request', () => {
  test('is a POST of JSON with a body and a GET without, never cached, never redirected', async () => {
    const fetch = answering(() => Response.json({}));
    const send = createSendRequest({
      url: 'http://host/pubsub/',
      fetch,
      headers: { authorization: 'Bearer t' },
    });
    await send('/emit', { a: 1 }, json, signal);
    await send('/history?channel=a', undefined, json, signal);
    const [[postUrl, post], [getUrl, get]] = fetch.mock.calls as [
      [string, RequestInit],
      [string, RequestInit],
    ];
    expect([postUrl, getUrl]).toEqual([
      'http://host/pubsub/emit',
      'http://host/pubsub/history?channel=a',
    ]);
    expect(post).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      redirect: 'error',
      cache: 'no-store',
      signal,
      credentials: 'same-origin',
    });
    expect([...(post.headers as Headers)]).toEqual([
      ['accept', json],
      ['authorization', 'Bearer t'],
      ['content-type', json],
    ]);
    expect(get).toMatchObject({ method: 'GET', body: null });
    expect((get.headers as Headers).has('content-type')).toBe(false);
  });

  test('that fails says where it went', async () => {
    const away = createSendRequest({
      url: 'http://host/pubsub',
      fetch: answering(() => Promise.reject(new TypeError('fetch failed'))),
    });
    await expect(away('/emit', {}, json, signal)).rejects.toMatchObject({
      code: 'network',
      message: 'The request to http://host/pubsub failed: TypeError: fetch failed',
    });
    const page = new Response('<html>', { status: 404 });
    Object.defineProperty(page, 'url', { value: 'http://host/pubsub/stream' });
    expect((await failure(page)).message).toBe(
      'http://host/pubsub/stream answers 404, not as a pubsub server does.',
    );
  });

  test('takes cookies to another origin only if told to', async () => {
    const fetch = answering(() => Response.json({}));
    await createSendRequest({ url: 'http://host', fetch, credentials: 'include' })(
      '/emit',
      {},
      json,
      signal,
    );
    expect(fetch.mock.calls[0]?.[1]?.credentials).toBe('include');
  });

  test('evaluates a headers function for every attempt', async () => {
    let calls = 0;
    const headers = vi.fn(() => ({ n: String((calls += 1)) }));
    const fetch = answering(() => Response.json({}));
    const send = createSendRequest({ url: 'http://host', fetch, headers });
    await send('/emit', {}, json, signal);
    await send('/emit', {}, json, signal);
    expect(fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get('n'))).toEqual([
      '1',
      '2',
    ]);
    expect(headers.mock.calls).toEqual([[{ refresh: false }], [{ refresh: false }]]);
  });

  test('shares one refresh among all that need it, and holds back those that begin meanwhile', async () => {
    let settle: (headers: Record<string, string>) => void = () => {};
    const headers = vi.fn<Extract<HeadersSource, (...args: never[]) => unknown>>(({ refresh }) =>
      refresh
        ? new Promise<Record<string, string>>((resolve) => (settle = resolve))
        : { token: 'old' },
    );
    const fetch = answering(() => Response.json({}));
    const send = createSendRequest({ url: 'http://host', fetch, headers });
    const all = [
      send('/a', {}, json, signal, true),
      send('/b', {}, json, signal, true),
      send('/c', {}, json, signal),
    ];
    await vi.waitFor(() => expect(headers).toHaveBeenCalledTimes(1));
    settle({ token: 'new' });
    await Promise.all(all);
    expect(fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get('token'))).toEqual([
      'new',
      'new',
      'new',
    ]);
    await send('/d', {}, json, signal);
    expect(headers.mock.calls.map(([{ refresh }]) => refresh)).toEqual([true, false]);
  });

  test.each<[string, HeadersSource]>([
    ['throws', () => Promise.reject(new Error('token service down'))],
    ['names an illegal header', { 'a b': 'x' }],
    ['holds a value that no header may have', { token: 'a\u2026' }],
  ])(
    'whose headers function %s fails like a network would, and may be tried again',
    async (_name, headers) => {
      const fetch = answering(() => Response.json({}));
      const send = createSendRequest({ url: 'http://host', fetch, headers });
      await expect(send('/emit', {}, json, signal)).rejects.toMatchObject({
        code: 'network',
        retryable: true,
      });
      expect(fetch).not.toHaveBeenCalled();
    },
  );

  test('whose headers function knows better says so itself', async () => {
    const error = new PubSubError('unauthenticated', 'Signed out.');
    const send = createSendRequest({ url: 'http://host', headers: () => Promise.reject(error) });
    await expect(send('/emit', {}, json, signal)).rejects.toBe(error);
  });

  test.each(['Load failed', 'network error', 'Failed to fetch', 'Error in input stream'])(
    'that the browser ends with "%s" is a network error',
    async (words) => {
      const cause = new TypeError(words);
      const send = createSendRequest({
        url: 'http://host',
        fetch: answering(() => Promise.reject(cause)),
      });
      await expect(send('/emit', {}, json, signal)).rejects.toMatchObject({
        code: 'network',
        retryable: true,
        cause,
      });
    },
  );
});

describe('an answer', () => {
  test.each([
    ['text/event-stream', true],
    ['TEXT/Event-Stream', true],
    ['text/event-stream;charset=windows-1252', true],
    [' text/event-stream ; x=y', true],
    ['text/event-streamfoo', false],
    ['text/x-event-stream', false],
    ['text/html; charset=utf-8', false],
    ['', false],
  ])('of type "%s" is a stream: %s', async (type, fits) => {
    const response = new Response('data: {}\n\n', { headers: { 'content-type': type } });
    const send = createSendRequest({ url: 'http://host', fetch: answering(() => response) });
    const sent = send('/stream', {}, 'text/event-stream', signal);
    if (fits) expect(await sent).toBe(response);
    else
      await expect(sent).rejects.toMatchObject({
        code: 'bad_answer',
        status: 200,
        retryable: true,
      });
  });

  test('with an error body of ours is that error, with all it says', async () => {
    const body = {
      code: 'bad_payload',
      message: 'total is missing',
      retryable: false,
      path: ['payload', 'total'],
      issues: [{ message: 'total is missing', path: ['payload', 'total'] }],
      retryAfterMs: 1500,
    };
    expect(await failure(Response.json(body, { status: 422 }))).toMatchObject({
      ...body,
      status: 422,
    });
  });

  test.each([401, 403, 404, 410, 413, 429, 500, 502, 503])(
    '%d of a proxy passes, but for 401',
    async (status) => {
      const page = new Response('<h1>Gateway</h1>', {
        status,
        headers: { 'content-type': 'text/html' },
      });
      expect(await failure(page)).toMatchObject(
        status === 401
          ? { code: 'unauthenticated', status }
          : { code: 'bad_answer', status, retryable: true },
      );
    },
  );

  test('of JSON that is not ours is not taken for ours', async () => {
    for (const body of ['{"error":"nope"}', '[]', 'null', '"x"', '{', '{"code":7,"message":"x"}']) {
      const response = new Response(body, { status: 403, headers: { 'content-type': json } });
      expect(await failure(response)).toMatchObject({
        code: 'bad_answer',
        status: 403,
        retryable: true,
      });
    }
  });

  test('says when to come back, in seconds or by a date', async () => {
    const after = async (value: string): Promise<number | undefined> =>
      (await failure(new Response(null, { status: 503, headers: { 'retry-after': value } })))
        .retryAfterMs;
    expect(await after('7')).toBe(7000);
    expect(await after(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50_000);
    expect(await after('soon')).toBeUndefined();
    expect(await after('')).toBeUndefined();
  });

  test('that is no good is not read to its end', async () => {
    const cancel = vi.fn();
    const body = new ReadableStream({ cancel });
    await failure(new Response(body, { status: 502, headers: { 'content-type': 'text/html' } }));
    expect(cancel).toHaveBeenCalled();
  });
});
