import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  bool,
  BadArgument,
  number,
  oneOf,
  pattern,
  readFields,
  required,
  text,
  texts,
  times,
} from './arguments.ts';
import type { Fields, Read } from './arguments.ts';
import type { LogKind } from './event-log.ts';
import type { FaultProxy } from './fault-proxy.ts';

const prefix = '/__chaos/';
const bodyLimit = 256 * 1024;

export const isControlPath = (url: string | undefined): boolean => url?.startsWith(prefix) ?? false;

const logKinds = Object.keys({
  connect: true,
  refuse: true,
  request: true,
  response: true,
  respond: true,
  stall: true,
  cut: true,
  end: true,
  gone: true,
  'upstream-failed': true,
  rule: true,
} satisfies Record<LogKind, true>) as LogKind[];

type Command = (proxy: FaultProxy, args: unknown, signal: AbortSignal) => unknown;

function command<F extends Fields>(
  fields: F,
  run: (proxy: FaultProxy, args: Read<F>, signal: AbortSignal) => unknown,
): Command {
  return (proxy, args, signal) => run(proxy, readFields(fields, args), signal);
}

const request = { path: pattern, method: text };
const cut = { ...request, how: oneOf(['reset', 'close', 'end']), times };
const event = { event: pattern, data: pattern };
const match = (value: unknown, name: string): Read<typeof request> =>
  readFields(request, value, name);

const posts = new Map<string, Command>([
  [
    'cut',
    command(request, (proxy, { ...args }) => ({
      cut: proxy.cut(Object.keys(args).length > 0 ? args : undefined),
    })),
  ],
  [
    'cutAfterBytes',
    command({ ...cut, bytes: number }, (proxy, { bytes, ...how }) =>
      proxy.cutAfterBytes(required(bytes, 'bytes'), how),
    ),
  ],
  [
    'cutInsideEvent',
    command({ ...cut, ...event, at: number }, (proxy, how) => proxy.cutInsideEvent(how)),
  ],
  [
    'cutBeforeFirstEvent',
    command({ ...cut, ...event }, (proxy, how) => proxy.cutBeforeFirstEvent(how)),
  ],
  ['refuse', command({ on: bool }, (proxy, { on }) => proxy.refuse(required(on, 'on')))],
  [
    'respond',
    command(
      { status: number, headers: texts, body: text, times, match, cors: bool },
      (proxy, { status, ...how }) => proxy.respond({ status: required(status, 'status'), ...how }),
    ),
  ],
  [
    'stall',
    command({ ...request, on: bool }, (proxy, { on, ...how }) =>
      proxy.stall(required(on, 'on'), Object.keys(how).length > 0 ? how : undefined),
    ),
  ],
  [
    'latency',
    command({ ms: number, jitter: number, seed: number }, (proxy, { ms, jitter, seed }) =>
      proxy.latency(required(ms, 'ms'), jitter, seed),
    ),
  ],
  [
    'slice',
    command({ min: number, max: number, seed: number }, (proxy, { min, max, seed }) =>
      proxy.slice(required(min, 'min'), required(max, 'max'), required(seed, 'seed')),
    ),
  ],
  ['heal', command({}, (proxy) => proxy.heal())],
  [
    'retarget',
    command({ port: number }, (proxy, { port }) => proxy.retarget(required(port, 'port'))),
  ],
  [
    'once',
    command(
      { kind: oneOf(logKinds), path: pattern, after: number },
      (proxy, { kind, ...how }, signal) => proxy.once(required(kind, 'kind'), { ...how, signal }),
    ),
  ],
]);

const gets = new Map<string, (proxy: FaultProxy) => unknown>([
  ['log', (proxy) => ({ entries: proxy.log })],
  [
    'status',
    ({ connections, requests, target, log }) => ({
      connections,
      requests,
      target,
      seq: log.at(-1)?.seq ?? 0,
    }),
  ],
]);

/** Serves the proxy's commands as JSON: `POST /__chaos/<method>`, `GET /__chaos/{log,status}`. */
export function controlHandler(
  proxy: FaultProxy,
): (incoming: IncomingMessage, response: ServerResponse) => void {
  return (incoming, response) => {
    const left = new AbortController();
    response.once('close', () => left.abort());
    const name = (incoming.url ?? '').slice(prefix.length).split('?', 1)[0] ?? '';
    const answer = async (): Promise<void> => {
      if (incoming.method === 'OPTIONS') return send(response, 204);
      if (incoming.method === 'GET') {
        const get = isControlPath(incoming.url) ? gets.get(name) : undefined;
        return get
          ? send(response, 200, get(proxy))
          : fail(response, 404, 'unknown_command', `GET ${name}`);
      }
      const post = isControlPath(incoming.url) ? posts.get(name) : undefined;
      if (!post)
        return fail(response, 404, 'unknown_command', `Commands: ${[...posts.keys()].join(', ')}.`);
      if (incoming.method !== 'POST') return fail(response, 405, 'method_not_allowed', 'Use POST.');
      const body = await readBody(incoming);
      if (body === undefined)
        return fail(response, 413, 'body_too_large', `At most ${bodyLimit} bytes.`);
      send(
        response,
        200,
        (await post(proxy, body === '' ? {} : JSON.parse(body), left.signal)) ?? { ok: true },
      );
    };
    answer().catch((error: unknown) => {
      if (left.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      fail(
        response,
        400,
        'bad_argument',
        reason,
        error instanceof BadArgument ? error.path : undefined,
      );
    });
  };
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'content-type',
    'access-control-allow-private-network': 'true',
    'access-control-max-age': '600',
    'cache-control': 'no-store',
    // The connection must not be used for a request of the test next: cut() spares it.
    connection: 'close',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function fail(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  path?: string,
): void {
  send(response, status, { error: { code, message, path } });
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > bodyLimit) {
      incoming.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
