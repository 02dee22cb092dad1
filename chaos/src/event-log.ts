import { matchesPath } from './match.ts';

export type LogKind =
  /** A connection was accepted. */
  | 'connect'
  /** A connection or request was dropped by `refuse`. */
  | 'refuse'
  /** A request arrived; `detail` is its method. */
  | 'request'
  /** The server's response head arrived; `detail` is its status. */
  | 'response'
  /** A rule answered; `detail` is the status. */
  | 'respond'
  /** A request or its response began to be held by `stall`. */
  | 'stall'
  /** A connection was cut, by a rule or by `cut()`. */
  | 'cut'
  /** A response has gone out whole. */
  | 'end'
  /** The client went away before that. */
  | 'gone'
  /** The server failed: no connection, or a response broken off. */
  | 'upstream-failed'
  /** A rule was set or cleared. */
  | 'rule';

export interface LogEntry {
  /** Counts from 1 and never repeats. */
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  kind: LogKind;
  /** Path and query of the request, empty where none is known. */
  path: string;
  detail: string;
}

export interface OnceOptions {
  /** As in `RequestMatch`. */
  path?: string | RegExp;
  /** Entries after this `seq` count too. @default the newest entry's, so only what comes now */
  after?: number;
  signal?: AbortSignal;
}

interface Waiter {
  fits: (entry: LogEntry) => boolean;
  resolve: (entry: LogEntry) => void;
  reject: (reason: Error) => void;
}

const waiterLimit = 1000;

/** A bounded record of what the proxy saw and did, with a way to await the next entry of a kind. */
export class EventLog {
  readonly #limit: number;
  readonly #entries: LogEntry[] = [];
  readonly #waiters = new Set<Waiter>();
  #seq = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  add(kind: LogKind, path: string, detail = ''): void {
    const entry: LogEntry = { seq: ++this.#seq, at: Date.now(), kind, path, detail };
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
    for (const waiter of this.#waiters) {
      if (waiter.fits(entry)) waiter.resolve(entry);
    }
  }

  once(kind: LogKind, options: OnceOptions = {}): Promise<LogEntry> {
    const { path, after = this.#seq, signal } = options;
    const fits = (entry: LogEntry): boolean =>
      entry.kind === kind && entry.seq > after && matchesPath(entry.path, path);
    const past = this.#entries.find(fits);
    if (past) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted || this.#waiters.size >= waiterLimit) {
        return reject(
          new Error(`No "${kind}" can be awaited: closed, aborted or too many waiting.`),
        );
      }
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        fits,
        resolve: (entry) => (settle(), resolve(entry)),
        reject: (reason) => (settle(), reject(reason)),
      };
      const abort = (): void => waiter.reject(new Error(`Waiting for "${kind}" was aborted.`));
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
    });
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.reject(new Error('The fault proxy is closed.'));
  }
}
