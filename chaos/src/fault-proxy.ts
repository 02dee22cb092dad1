import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { controlHandler, isControlPath } from './control.ts';
import type { LogEntry, LogKind, OnceOptions } from './event-log.ts';
import { EventLog } from './event-log.ts';
import type { Target } from './exchange.ts';
import { Exchange, reset } from './exchange.ts';
import type { RequestMatch } from './match.ts';
import { matchesRequest } from './match.ts';
import type { CutOptions, EventCutOptions, FirstEventCutOptions, RespondOptions } from './rules.ts';
import { inRange, Rules } from './rules.ts';

export interface FaultProxyOptions {
  /** The server behind the proxy. */
  target: Target;
  /** @default 0, a free one */
  port?: number;
  /** @default '127.0.0.1' */
  host?: string;
  /**
   * Answers commands under `/__chaos/`, and on a port of its own (`controlUrl`). Any page may send
   * them: for tests only. @default false
   */
  control?: boolean;
  /** Entries that `log` keeps. @default 1000 */
  logLimit?: number;
  /** Open client connections; more are dropped at accept. @default 1024 */
  maxConnections?: number;
  /** Milliseconds between the last byte that passes and the cut, for the client to read it. @default 25 */
  lingerMs?: number;
}

/** A proxy on loopback that fails on command. Rules add up until `heal()`. */
export interface FaultProxy {
  readonly url: string;
  readonly port: number;
  /** Where commands reach it though all of a browser's connections to `url` hang. Needs `control`. */
  readonly controlUrl: string | undefined;
  readonly target: Target;
  /** Open client connections, those that carry commands aside. */
  readonly connections: number;
  /** Requests that have not ended on both sides. */
  readonly requests: number;
  /** The newest `logLimit` entries, oldest first. */
  readonly log: readonly LogEntry[];
  /** The next log entry of this kind, or the first after `after`. Rejects on `close()`. */
  once(kind: LogKind, options?: OnceOptions): Promise<LogEntry>;
  /** Resets open connections now, or only those with a matching request; says how many. */
  cut(match?: RequestMatch): number;
  /** Cuts the next matching response that reaches `bytes` body bytes there. 0 is right after its head. */
  cutAfterBytes(bytes: number, options?: CutOptions): void;
  /** Cuts inside the next matching SSE event with data, also of a stream that is already open. */
  cutInsideEvent(options?: EventCutOptions): void;
  /**
   * Passes the next response's head, comments and id-only blocks, then cuts in place of its first
   * matching event with data.
   */
  cutBeforeFirstEvent(options?: FirstEventCutOptions): void;
  /** Resets new connections, and new requests on open ones, while on. */
  refuse(on: boolean): void;
  /** Answers in the server's place, which never sees the request. */
  respond(options: RespondOptions): void;
  /**
   * Black hole, both ways: connections stay open, nothing passes, neither side learns that the
   * other has left. Switched off, what was held goes on in order. Off without a match: all stalls.
   */
  stall(on: boolean, match?: RequestMatch): void;
  /** Delays each request and each part of a response by `ms` plus up to `jitter`. @default seed 1 */
  latency(ms: number, jitter?: number, seed?: number): void;
  /** Sends response bodies in slices of `min` to `max` bytes, each a write (and an HTTP chunk) of its own. */
  slice(min: number, max: number, seed: number): void;
  /** Clears all rules; what they held goes on. */
  heal(): void;
  /** Where new requests go from now on. */
  retarget(port: number): void;
  /** Resets everything and leaves no handle. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a proxy between a client and `target`. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { port = 0, host = '127.0.0.1', control = false, lingerMs = 25 } = options;
  let target = { ...options.target };
  const rules = new Rules();
  const log = new EventLog(inRange('logLimit', options.logLimit ?? 1000, 1, 1_000_000));
  // A connection per request: the server sees the client's end at once, and no idle one is left.
  const agent = new Agent({ keepAlive: false });
  const sockets = new Set<Socket>();
  const commanding = new WeakSet<Socket>();
  const exchanges = new Set<Exchange>();
  let number = 0;
  let closing: Promise<void> | undefined;

  const setRule = (name: string, detail: unknown, change: () => void): void => {
    change();
    log.add('rule', '', `${name} ${describe(detail)}`);
    for (const exchange of exchanges) exchange.rulesChanged();
  };

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (command && isControlPath(incoming.url)) {
      commanding.add(incoming.socket);
      return command(incoming, response);
    }
    const exchange = new Exchange({
      incoming,
      response,
      rules,
      log,
      agent,
      lingerMs,
      number: ++number,
      target: () => target,
    });
    exchanges.add(exchange);
    void exchange.done.then(() => exchanges.delete(exchange));
  };

  const server = quietServer(serve);
  server.maxConnections = inRange('maxConnections', options.maxConnections ?? 1024, 1, 65_536);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    log.add('connect', '');
    // With control on, only the path can tell a command from a request: that is asked there.
    if (!rules.refusing || control) return;
    log.add('refuse', '', 'at accept');
    reset(socket);
  });

  const cut = (match?: RequestMatch): number => {
    const hit = new Set<Socket>();
    for (const exchange of exchanges) {
      if (match && !matchesRequest(exchange.line, match)) continue;
      hit.add(exchange.socket);
      exchange.cut('by command');
    }
    for (const socket of match ? [] : sockets) {
      if (hit.has(socket) || commanding.has(socket)) continue;
      hit.add(socket);
      log.add('cut', '', 'an idle connection');
      reset(socket);
    }
    return hit.size;
  };

  const close = async (): Promise<void> => {
    rules.clear();
    const ended = [server, commandServer].map((each) => each && closed(each));
    for (const exchange of exchanges) exchange.cut('the proxy closes');
    for (const socket of sockets) reset(socket);
    log.close();
    commandServer?.closeAllConnections();
    await Promise.all([...ended, ...[...exchanges].map(({ done }) => done)]);
    agent.destroy();
  };

  const proxy: FaultProxy = {
    get url() {
      return `http://${host}:${proxy.port}`;
    },
    get port() {
      return boundPort;
    },
    get controlUrl() {
      return commandPort === undefined ? undefined : `http://${host}:${commandPort}`;
    },
    get target() {
      return { ...target };
    },
    get connections() {
      return [...sockets].filter((socket) => !commanding.has(socket)).length;
    },
    get requests() {
      return exchanges.size;
    },
    get log() {
      return log.entries;
    },
    once: (kind, how) => log.once(kind, how),
    cut,
    cutAfterBytes: (bytes, how = {}) =>
      setRule('cutAfterBytes', { bytes, ...how }, () => rules.addByteCut({ ...how, bytes })),
    cutInsideEvent: (how = {}) => setRule('cutInsideEvent', how, () => rules.addEventCut(how)),
    cutBeforeFirstEvent: (how = {}) =>
      setRule('cutBeforeFirstEvent', how, () => rules.addFirstEventCut(how)),
    refuse: (on) => setRule('refuse', { on }, () => (rules.refusing = on)),
    respond: (how) => setRule('respond', how, () => rules.addAnswer(how)),
    stall: (on, match) => setRule('stall', { on, ...match }, () => rules.setStall(on, match)),
    latency: (ms, jitter = 0, seed = 1) =>
      setRule('latency', { ms, jitter, seed }, () => {
        inRange('ms', ms, 0, 60_000);
        inRange('jitter', jitter, 0, 60_000);
        rules.latency = ms + jitter > 0 ? { ms, jitter, seed } : undefined;
      }),
    slice: (min, max, seed) =>
      setRule('slice', { min, max, seed }, () => {
        inRange('min', min, 1, 1_048_576);
        inRange('max', max, min, 1_048_576);
        rules.slices = { min, max, seed };
      }),
    heal: () => setRule('heal', {}, () => rules.clear()),
    retarget: (to) =>
      setRule('retarget', { port: to }, () => {
        target = { host: target.host, port: inRange('port', to, 1, 65_535) };
      }),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => proxy.close(),
  };

  const command = control ? controlHandler(proxy) : undefined;
  const commandServer = command && quietServer(command);
  const commandPort = commandServer && (await listen(commandServer, host, 0));
  const boundPort = await listen(server, host, port).catch((error: unknown) => {
    commandServer?.close();
    throw error;
  });
  return proxy;
}

/** A server that leaves it to the other side to end what is idle, slow or malformed. */
function quietServer(
  handler: (incoming: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer({ noDelay: true, maxHeaderSize: 1024 * 1024 }, handler);
  // Each of these would end a connection that the server under test would have kept.
  server.requestTimeout = server.headersTimeout = server.keepAliveTimeout = 0;
  // Node's default answers 400 in the server's place.
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

const describe = (detail: unknown): string =>
  JSON.stringify(detail, (_key, value: unknown) =>
    value instanceof RegExp ? String(value) : value,
  );
