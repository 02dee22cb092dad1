import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { ClientBody } from './client-body.ts';
import type { EventLog, LogKind } from './event-log.ts';
import { corsHeaders, forwardable } from './headers.ts';
import type { RequestLine } from './match.ts';
import { seededRandom } from './random.ts';
import { ReadAhead } from './read-ahead.ts';
import type { CutHow, RespondOptions, Rules } from './rules.ts';

export interface Target {
  host: string;
  port: number;
}

export interface ExchangeOptions {
  incoming: IncomingMessage;
  response: ServerResponse;
  /** Counts the proxy's requests from 1; keys what is random. */
  number: number;
  rules: Rules;
  log: EventLog;
  agent: Agent;
  lingerMs: number;
  target: () => Target;
}

/** RST, so that the peer sees a connection that died, not one that ended. */
export function reset(socket: Socket | null | undefined): void {
  if (!socket || socket.destroyed) return;
  // libuv refuses to reset a socket whose end is on its way, and then never closes it.
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * One request and its response, on their way through the rules.
 *
 *     request → stall → latency → refuse → respond ──────────────────────────► client
 *                                             └► server → latency → stall → cuts ┘
 */
export class Exchange {
  readonly line: RequestLine;
  /** Settles when both sides are closed. Never rejects. */
  readonly done: Promise<void>;
  readonly #options: ExchangeOptions;
  readonly #gone = new AbortController();
  readonly #waiting = new Set<() => void>();
  #upstream: ClientRequest | undefined;
  #isCut = false;
  #hasLength = false;
  #stallLogged = false;
  #lastDue = 0;
  #jitter: { seed: number; random: () => number } | undefined;

  constructor(options: ExchangeOptions) {
    const { incoming, response } = options;
    this.#options = options;
    this.line = { method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    this.#log('request', this.line.method);
    response.once('close', () => {
      if (!this.#isCut) this.#log(response.writableFinished ? 'end' : 'gone');
      this.#gone.abort();
      this.rulesChanged();
    });
    // The response's own 'close' tells the rest.
    incoming.on('error', () => {});
    response.on('error', () => {});
    this.done = this.#run().catch((error: unknown) =>
      this.#hangUp('upstream-failed', String(error)),
    );
  }

  get socket(): Socket {
    return this.#options.incoming.socket;
  }

  /** Resets both sides now, whatever rule is in force. */
  cut(detail: string): void {
    if (this.#isCut || (this.#isGone && (this.#upstream?.destroyed ?? true))) return;
    this.#hangUp('cut', detail);
  }

  /** Lets all that waits ask again whether it may go on. */
  rulesChanged(): void {
    if (!this.#options.rules.latency) this.#lastDue = 0;
    for (const wake of this.#waiting) wake();
    // In a black hole the server does not learn that the client has left; afterwards it does.
    if (this.#isGone && (this.#isCut || !this.#isStalled)) this.#upstream?.destroy();
  }

  get #isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  get #isStalled(): boolean {
    return this.#options.rules.stalls(this.line);
  }

  #log(kind: LogKind, detail?: string): void {
    this.#options.log.add(kind, this.line.path, detail);
  }

  async #run(): Promise<void> {
    const { rules } = this.#options;
    await this.#until(this.#due());
    await this.#unstalled();
    if (this.#isGone) return;
    if (rules.refusing) return this.#hangUp('refuse', 'on an open connection');
    const answer = rules.takeAnswer(this.line);
    if (answer) return this.#respond(answer);
    const upstream = this.#connect();
    const closed = new Promise<void>((resolve) => upstream.once('close', () => resolve()));
    await Promise.all([this.#upload(upstream), this.#download(upstream), closed]);
  }

  #respond({ status, headers = {}, body = '', cors = true }: RespondOptions): void {
    const { incoming, response } = this.#options;
    this.#log('respond', String(status));
    // An unread body would keep the connection from its next request.
    incoming.resume();
    const allow = cors ? corsHeaders(incoming.headers.origin, Object.keys(headers)) : {};
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      ...allow,
      ...lower(headers),
    });
    response.end(body);
  }

  #connect(): ClientRequest {
    const { incoming, agent, target } = this.#options;
    const { host, port } = target();
    const upstream = httpRequest({
      host,
      port,
      agent,
      method: this.line.method,
      path: this.line.path,
      headers: forwardable(incoming.rawHeaders, ['expect']),
      maxHeaderSize: 1024 * 1024,
    });
    this.#upstream = upstream;
    upstream.setNoDelay(true);
    return upstream;
  }

  async #upload(upstream: ClientRequest): Promise<void> {
    const { incoming } = this.#options;
    try {
      // The server may answer before it has read all: that must not destroy the client's side.
      for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
        await this.#unstalled();
        if (this.#isGone || upstream.destroyed) break;
        if (!upstream.write(chunk)) await drained(upstream);
      }
    } catch {
      return; // The client broke off; the response's 'close' ends the server's side.
    }
    if (!this.#isGone) upstream.end();
    incoming.resume();
  }

  async #download(upstream: ClientRequest): Promise<void> {
    const { response, rules, number, lingerMs } = this.#options;
    let failure = 'closed without an answer';
    const source = await new Promise<IncomingMessage | undefined>((resolve) => {
      upstream.on('response', resolve);
      upstream.on(
        'error',
        (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message),
      );
      upstream.once('close', () => resolve(undefined));
    });
    if (!source) return this.#serverFailed(failure);
    const arrivals = new ReadAhead(source, () => this.#due());
    const status = source.statusCode ?? 502;
    this.#log('response', String(status));
    await this.#until(this.#due());
    await this.#unstalled();
    if (this.#isGone) return;
    this.#hasLength = 'content-length' in source.headers;
    response.sendDate = false;
    // Node writes its own framing; the rest is the server's, letter by letter.
    const headers = forwardable(source.rawHeaders, ['transfer-encoding']);
    response.writeHead(status, source.statusMessage ?? '', headers);
    response.flushHeaders();
    const body = new ClientBody({
      response,
      rules,
      lingerMs,
      request: this.line,
      number: rules.beginResponse(),
      exchange: number,
      isEventStream: isEventStream(source.headers['content-type']),
      signal: this.#gone.signal,
      cut: (how, detail) => this.#cutBody(how, detail),
    });
    if (!(await body.start())) return;
    for (;;) {
      const { due, what } = await arrivals.next();
      await this.#until(due);
      await this.#unstalled();
      if (this.#isGone) return;
      if (what === 'broken') return this.#serverFailed('broke off the response');
      if (!(what === 'end' ? await body.end() : await body.write(what))) return;
      if (what === 'end') return void response.end();
    }
  }

  #cutBody(how: CutHow, detail: string): void {
    if (how === 'reset') return this.#hangUp('cut', detail);
    const { response } = this.#options;
    this.#log('cut', detail);
    this.#isCut = true;
    if (how === 'close') return void response.destroy();
    response.end(() => {
      // A body shorter than its content-length can only end with its connection.
      if (this.#hasLength) this.socket.destroy();
    });
  }

  async #serverFailed(reason: string): Promise<void> {
    await this.#unstalled();
    if (!this.#isGone) this.#hangUp('upstream-failed', reason);
  }

  #hangUp(kind: LogKind, detail: string): void {
    this.#log(kind, detail);
    this.#isCut = true;
    reset(this.#upstream?.socket);
    this.#upstream?.destroy();
    reset(this.socket);
  }

  async #unstalled(): Promise<void> {
    while (this.#isStalled && !this.#isGone) {
      if (!this.#stallLogged) this.#log('stall');
      this.#stallLogged = true;
      await this.#woken();
    }
  }

  /** When what arrives now may go on. Never before what arrived earlier. */
  #due(): number {
    const { latency } = this.#options.rules;
    const now = performance.now();
    if (!latency) return Math.max(now, this.#lastDue);
    if (this.#jitter?.seed !== latency.seed) {
      this.#jitter = {
        seed: latency.seed,
        random: seededRandom(latency.seed, this.#options.number),
      };
    }
    const due = now + latency.ms + latency.jitter * this.#jitter.random();
    return (this.#lastDue = Math.max(due, this.#lastDue));
  }

  async #until(due: number): Promise<void> {
    // `heal()` lets go what is under way: nothing may arrive late in the phase that checks.
    while (this.#options.rules.latency && !this.#isGone && due > performance.now()) {
      await this.#woken(due - performance.now());
    }
  }

  /** Until the rules change, the client leaves, or `ms` are over. */
  #woken(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }
}

const isEventStream = (type: string | undefined): boolean =>
  type?.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream';

const lower = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const drained = (upstream: ClientRequest): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      upstream.off('drain', done).off('close', done);
      resolve();
    };
    upstream.once('drain', done).once('close', done);
  });
