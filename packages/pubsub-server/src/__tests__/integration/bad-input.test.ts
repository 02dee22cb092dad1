import { connect } from 'node:net';
import { errorCodes, PubSubError, type ErrorCode } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { startLab, tick, type LabOptions } from '../mocks/lab.ts';
import { numbers, openStream, subscribe, type StreamClient } from '../mocks/stream-client.ts';

interface Row {
  readonly what: string;
  readonly path: string;
  readonly init?: RequestInit;
  readonly code: ErrorCode;
  readonly at?: readonly (string | number)[];
  readonly headers?: Record<string, string>;
}

const options: LabOptions = {
  limits: {
    channels: 3,
    plainChannels: 2,
    bodyBytes: 10_000,
    eventBytes: 1000,
    historyEvents: 100,
  },
  authenticate: ({ headers }) => (headers.has('x-nobody') ? null : {}),
  channels: { 'chat/:room': { authorize: ({ params }) => params.room !== 'secret' } },
};

const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers: Record<string, string> = json): RequestInit => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const emit = (body: unknown): Pick<Row, 'path' | 'init'> => ({ path: '/emit', init: post(body) });
const stream = (channels: unknown): Pick<Row, 'path' | 'init'> => ({
  path: '/stream',
  init: post({ channels }),
});
const created = { name: 'orders:created', payload: { orderId: '1' } };

const rows: Row[] = [
  // Channels
  {
    what: 'an unknown channel, for curl',
    path: '/stream?channel=nowhere',
    code: 'unknown_channel',
  },
  { what: 'a forbidden channel, for curl', path: '/stream?channel=chat/secret', code: 'forbidden' },
  { what: 'no channel, for curl', path: '/stream', code: 'bad_request', at: ['channel'] },
  { what: 'an empty channel', path: '/stream?channel=', code: 'bad_channel', at: ['channel', 0] },
  {
    what: 'a channel named twice',
    path: '/stream?channel=ticks&channel=ticks',
    code: 'bad_request',
    at: ['channel', 1],
  },
  {
    what: 'more channels than a plain stream has',
    path: '/stream?channel=ticks&channel=tocks&channel=orders',
    code: 'too_many_channels',
    at: ['channel'],
  },
  {
    what: 'a history that is no number',
    path: '/stream?channel=ticks&history=all',
    code: 'bad_request',
    at: ['history'],
  },
  {
    what: 'an empty history',
    path: '/stream?channel=ticks&history=',
    code: 'bad_request',
    at: ['history'],
  },
  {
    what: 'a history over the limit',
    path: '/stream?channel=ticks&history=101',
    code: 'bad_request',
    at: ['history'],
  },
  {
    what: 'a negative history',
    ...stream([{ channel: 'ticks', history: -1 }]),
    code: 'bad_request',
    at: ['channels', 0, 'history'],
  },
  { what: 'no list of channels', ...stream(undefined), code: 'bad_request', at: ['channels'] },
  { what: 'an empty list of channels', ...stream([]), code: 'bad_request', at: ['channels'] },
  { what: 'a list of strings', ...stream(['ticks']), code: 'bad_request', at: ['channels', 0] },
  {
    what: 'a list that holds null',
    ...stream([{ channel: 'ticks' }, null]),
    code: 'bad_request',
    at: ['channels', 1],
  },
  {
    what: 'a channel that is a number',
    ...stream([{ channel: 7 }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'a channel of the prototype',
    ...stream([{ channel: '__proto__' }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'a segment of the prototype',
    ...stream([{ channel: 'chat/__proto__' }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'a channel with a line break',
    ...stream([{ channel: 'ticks\ndata: x' }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'a channel that climbs',
    ...stream([{ channel: 'chat/../ticks' }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'a channel that is too long',
    ...stream([{ channel: `chat/${'x'.repeat(256)}` }]),
    code: 'bad_channel',
    at: ['channels', 0, 'channel'],
  },
  {
    what: 'the same channel twice',
    ...stream([{ channel: 'ticks' }, { channel: 'ticks' }]),
    code: 'bad_request',
    at: ['channels', 1, 'channel'],
  },
  {
    what: 'more channels than a stream has',
    ...stream(['a', 'b', 'c', 'd'].map((room) => ({ channel: `chat/${room}` }))),
    code: 'too_many_channels',
    at: ['channels'],
  },
  // Cursors
  ...[
    '',
    'x',
    'epoch:',
    'epoch:-1',
    'epoch:01',
    'epoch:9007199254740992',
    'ep och:1',
    42,
    null,
    {},
  ].map((cursor): Row => ({
    what: `the cursor ${JSON.stringify(cursor)}`,
    ...stream([{ channel: 'ticks', cursor }]),
    code: 'bad_cursor',
    at: ['channels', 0, 'cursor'],
  })),
  {
    what: 'a malformed cursor for history',
    path: '/history?channel=ticks&after=yesterday',
    code: 'bad_cursor',
    at: ['after'],
  },
  // Events and payloads
  {
    what: 'an unknown event',
    ...emit({ ...created, name: 'orders:eaten' }),
    code: 'unknown_event',
    at: ['name'],
  },
  {
    what: 'an event of the prototype',
    ...emit({ ...created, name: '__proto__' }),
    code: 'unknown_event',
    at: ['name'],
  },
  {
    what: 'a name that is a number',
    ...emit({ ...created, name: 7 }),
    code: 'bad_request',
    at: ['name'],
  },
  {
    what: 'an event that only the server sends',
    ...emit({ name: 'orders:shipped', payload: { orderId: '1' } }),
    code: 'not_emittable',
    at: ['name'],
  },
  { what: 'no payload', ...emit({ name: 'orders:created' }), code: 'bad_payload', at: ['payload'] },
  {
    what: 'a wrong payload',
    ...emit({ name: 'orders:created', payload: { orderId: 1 } }),
    code: 'bad_payload',
    at: ['payload', 'orderId'],
  },
  {
    what: 'an event that is too large',
    ...emit({ name: 'orders:created', payload: { orderId: 'x'.repeat(1000) } }),
    code: 'event_too_large',
    at: ['payload'],
  },
  {
    what: 'no channel where the template has a parameter',
    ...emit({ name: 'chat:said', payload: { text: 'x' } }),
    code: 'bad_request',
    at: ['channel'],
  },
  {
    what: "another event's channel",
    ...emit({ name: 'chat:said', payload: { text: 'x' }, channel: 'orders' }),
    code: 'bad_channel',
    at: ['channel'],
  },
  {
    what: 'a forbidden channel to emit to',
    ...emit({ name: 'chat:said', payload: { text: 'x' }, channel: 'chat/secret' }),
    code: 'forbidden',
  },
  { what: 'an id with a dot', ...emit({ ...created, id: 'a.1' }), code: 'bad_request', at: ['id'] },
  {
    what: 'an id that is too long',
    ...emit({ ...created, id: 'x'.repeat(65) }),
    code: 'bad_request',
    at: ['id'],
  },
  {
    what: 'an id that is null',
    ...emit({ ...created, id: null }),
    code: 'bad_request',
    at: ['id'],
  },
  // Bodies
  { what: 'a body that is no JSON', ...emit('{"name":'), code: 'bad_request', at: [] },
  { what: 'an empty body', ...emit(''), code: 'bad_request', at: [] },
  { what: 'a body that is a list', ...emit([]), code: 'bad_request', at: [] },
  { what: 'a body that is null', ...emit('null'), code: 'bad_request', at: [] },
  {
    what: 'an oversized body',
    ...emit({ ...created, id: 'x'.repeat(20_000) }),
    code: 'body_too_large',
  },
  {
    what: 'a form',
    path: '/emit',
    init: post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    code: 'unsupported_media_type',
  },
  {
    what: 'JSON as text',
    path: '/stream',
    init: post('{}', { 'content-type': 'text/plain' }),
    code: 'unsupported_media_type',
  },
  // History
  { what: 'history of no channel', path: '/history', code: 'bad_request', at: ['channel'] },
  {
    what: 'history of an unknown channel',
    path: '/history?channel=nowhere',
    code: 'unknown_channel',
  },
  {
    what: 'history of a forbidden channel',
    path: '/history?channel=chat/secret',
    code: 'forbidden',
  },
  {
    what: 'history of an illegal channel',
    path: '/history?channel=a%20b',
    code: 'bad_channel',
    at: ['channel'],
  },
  ...['0', '-1', '1.5', '101', 'x', '', '1e1', '0x5', '%2B5', '%205', '5%20', '5.0', '٥'].map(
    (limit): Row => ({
      what: `the history limit "${limit}"`,
      path: `/history?channel=ticks&limit=${limit}`,
      code: 'bad_request',
      at: ['limit'],
    }),
  ),
  ...['channel=tocks', 'limit=2&limit=3', 'after=a:1&after=a:2'].map((repeat): Row => ({
    what: `a repeated parameter of history (${repeat})`,
    path: `/history?channel=ticks&${repeat}`,
    code: 'bad_request',
    at: [repeat.slice(0, repeat.indexOf('='))],
  })),
  // Methods, paths, credentials
  {
    what: 'DELETE on the stream',
    path: '/stream',
    init: { method: 'DELETE' },
    code: 'method_not_allowed',
    headers: { allow: 'GET, HEAD, POST, OPTIONS' },
  },
  {
    what: 'GET on emit',
    path: '/emit',
    code: 'method_not_allowed',
    headers: { allow: 'POST, OPTIONS' },
  },
  {
    what: 'POST on history',
    path: '/history',
    init: post({}),
    code: 'method_not_allowed',
    headers: { allow: 'GET, HEAD, OPTIONS' },
  },
  { what: 'an unknown path', path: '/nothing', code: 'not_found' },
  { what: 'a path of the prototype', path: '/__proto__', code: 'not_found' },
  { what: 'a path outside', path: '/../other', code: 'not_found' },
  ...['/stream?channel=ticks', '/history?channel=ticks'].map((path): Row => ({
    what: `${path} without credentials`,
    path,
    init: { headers: { 'x-nobody': '1' } },
    code: 'unauthenticated',
  })),
  {
    what: 'a stream without credentials',
    path: '/stream',
    init: post({ channels: [{ channel: 'ticks' }] }, { ...json, 'x-nobody': '1' }),
    code: 'unauthenticated',
  },
  {
    what: 'an emit without credentials',
    path: '/emit',
    init: post(created, { ...json, 'x-nobody': '1' }),
    code: 'unauthenticated',
  },
];

test.for(rows)(
  '$what is $code, and the others go on',
  async ({ path, init, code, at, headers }) => {
    const { pubsub, url, logged } = await startLab(options);
    const other = await subscribe(url, ['ticks']);

    const answer = await fetch(`${url}${path}`, init ?? {});
    const body = (await answer.json()) as Record<string, unknown>;

    expect(body).toMatchObject({ code, message: expect.any(String), retryable: false });
    expect(answer.status).toBe(errorCodes[code].status);
    expect(body['path']).toEqual(at);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    for (const [name, value] of Object.entries(headers ?? {}))
      expect(answer.headers.get(name)).toBe(value);
    expect(JSON.stringify(body)).not.toMatch(/node_modules|\bat .*:\d+:\d+|\.ts\b/);
    expect(logged).toEqual([]);

    await tick(pubsub, 1, 2);
    await other.until(() => other.events().length === 2);
    expect(numbers(other)).toEqual([1, 2]);
  },
);

test('every issue of a payload is told with its path', async () => {
  const { url } = await startLab();
  const answer = await fetch(
    `${url}/emit`,
    post({ name: 'orders:created', payload: { total: 'much' } }),
  );
  expect(await answer.json()).toMatchObject({
    code: 'bad_payload',
    path: ['payload', 'orderId'],
    issues: [
      { path: ['payload', 'orderId'], message: expect.any(String) },
      { path: ['payload', 'total'], message: expect.any(String) },
    ],
  });
});

test('publish rejects with the same codes and paths', async () => {
  const { pubsub } = await startLab(options);
  const refused = async (publishing: Promise<unknown>): Promise<PubSubError> => {
    const error: unknown = await publishing.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof PubSubError))
      throw new Error('it did not reject with a PubSubError', { cause: error });
    return error;
  };

  const nested = await refused(
    pubsub.publish(
      'orders:noted',
      { items: [{ text: 'a' }, { text: 7 as never }] },
      { channel: 'orders/1' },
    ),
  );
  expect(nested).toMatchObject({ code: 'bad_payload', path: ['payload', 'items', 1, 'text'] });
  expect(nested.issues).toHaveLength(1);
  expect(await refused(pubsub.publish('orders:eaten' as never, {} as never))).toMatchObject({
    code: 'unknown_event',
    path: ['name'],
  });
  expect(
    await refused(
      pubsub.publish('chat:typing' as never, { on: true } as never, { channel: 'chat/1' } as never),
    ),
  ).toMatchObject({ code: 'bad_request', path: ['name'] });
  expect(await refused(pubsub.publish('chat:said', { text: '' }, {} as never))).toMatchObject({
    code: 'bad_request',
    path: ['channel'],
  });
  expect(
    await refused(pubsub.publish('chat:said', { text: '' }, { channel: 'chat/__proto__' })),
  ).toMatchObject({ code: 'bad_channel', path: ['channel'] });
  expect(
    await refused(pubsub.publish('chat:said', { text: 'x'.repeat(1000) }, { channel: 'chat/1' })),
  ).toMatchObject({ code: 'event_too_large' });
  expect(await refused(pubsub.publish('ticks:ticked', { n: 1 }, { id: '' }))).toMatchObject({
    code: 'bad_request',
    path: ['id'],
  });
  expect(
    await refused(pubsub.publish('ticks:ticked', { n: 1 }, { meta: { big: 1n } })),
  ).toMatchObject({ code: 'bad_payload' });
});

test('a malformed Last-Event-ID is answered with 200 and a reset', async () => {
  const { pubsub, url } = await startLab();
  await tick(pubsub, 1, 3);
  for (const id of ['nonsense', '1~x~y', '1~zzz~epoch:1', '2~1~a:1']) {
    const client = await subscribePlain(`${url}/stream?channel=ticks&history=1`, {
      'last-event-id': id,
    });
    expect(client.status).toBe(200);
    expect(client.control('attached')[0]).toMatchObject({
      outcome: 'reset',
      reason: expect.stringContaining('Last-Event-ID'),
    });
    expect(numbers(client)).toEqual([3]);
    client.close();
  }
});

test('a refusal says what was given, and what there is instead', async () => {
  const { url } = await startLab(options);
  const origin = new URL(url).origin;
  const endpoints = 'the endpoints are under /pubsub: stream, emit, history, status.';
  for (const [target, message] of [
    [
      `${url}/stream?channel=ticks&history=x`,
      'history must be a whole number from 0 to 100, not "x".',
    ],
    [
      `${url}/stream?channel=ticks&history=1e1`,
      'history must be a whole number from 0 to 100, not "1e1".',
    ],
    [
      `${url}/history?channel=ticks&limit=x`,
      'limit must be a whole number from 1 to 100, not "x".',
    ],
    [
      `${url}/history?channel=no`,
      'The contract has no channel like "no": it has "chat/:room", "orders", "orders/:id", "ticks", "tocks".',
    ],
    [`${origin}/`, `There is nothing at "/": ${endpoints}`],
    [`${url}/`, `There is nothing at "/pubsub/": ${endpoints}`],
  ] as const) {
    expect(await (await fetch(target)).json()).toMatchObject({ message });
  }
});

test('one refused channel does not cost the others', async () => {
  const { pubsub, url } = await startLab(options);
  for (const client of [
    await subscribe(url, ['ticks', 'chat/secret', 'nowhere']),
    await subscribePlain(`${url}/stream?channel=ticks&channel=nowhere`),
  ]) {
    const denied = client
      .control('denied')
      .map(({ channel, code, retryable }) => ({ channel, code, retryable }));
    expect(denied).toContainEqual({
      channel: 'nowhere',
      code: 'unknown_channel',
      retryable: false,
    });
    const before = client.events().length;
    await tick(pubsub, 1);
    await client.until(() => client.events().length > before);
  }
  const refused = await subscribe(url, ['nowhere']);
  expect(refused.status).toBe(200);
  expect(refused.control('denied')).toHaveLength(1);
});

test('a body over the limit is refused while it is still being sent, and the sender is not cut off', async () => {
  const { pubsub, url } = await startLab(options);
  const other = await subscribe(url, ['ticks']);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error));
  let answer = '';
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      if (answer.endsWith('}')) resolve();
    });
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    'POST /pubsub/emit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
  for (let sent = 0; sent < 10; sent += 1) socket.write(chunk);
  await answered;
  // A client that does not listen while it sends goes on for a while: it must not be reset.
  for (let sent = 0; sent < 20; sent += 1) {
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write('0\r\n\r\n');
  await closed;

  expect(errors).toEqual([]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toMatch(/connection: close/i);
  expect(answer).toContain('"code":"body_too_large"');
  await tick(pubsub, 1);
  await other.until(() => other.events().length === 1);
});

test('a body that is announced over the limit is refused before it is read', async () => {
  const { url } = await startLab(options);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.write(
    'POST /pubsub/emit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n',
  );
  while (!answer.endsWith('}')) await new Promise((resolve) => setImmediate(resolve));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test('an unexpected fault is logged, and answered without a word about it', async () => {
  const { url, logged } = await startLab({
    authenticate: () => {
      throw new Error('the password of the database is 1234');
    },
  });
  const answer = await fetch(`${url}/history?channel=ticks`);
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(JSON.parse(text)).toEqual({
    code: 'internal',
    message: 'The server failed on this request.',
    retryable: true,
  });
  expect(logged).toHaveLength(1);
  expect(logged[0]?.details[0]).toMatchObject({ message: 'the password of the database is 1234' });
});

async function subscribePlain(
  url: string,
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  const client = await openStream(url, { headers });
  await client.until(() => client.control('live').length > 0);
  return client;
}
