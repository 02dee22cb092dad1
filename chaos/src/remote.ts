import type { LogEntry, LogKind, OnceOptions } from './event-log.ts';
import type { Target } from './exchange.ts';
import type { RequestMatch } from './match.ts';
import type { CutOptions, EventCutOptions, FirstEventCutOptions, RespondOptions } from './rules.ts';

export interface FaultProxyStatus {
  connections: number;
  requests: number;
  target: Target;
  /** `seq` of the newest log entry: pass it to `once` as `after` to miss nothing in between. */
  seq: number;
}

/** The commands of a `FaultProxy`, over HTTP. Each settles once the proxy has obeyed. */
export interface RemoteFaultProxy {
  status(): Promise<FaultProxyStatus>;
  log(): Promise<LogEntry[]>;
  once(kind: LogKind, options?: OnceOptions): Promise<LogEntry>;
  cut(match?: RequestMatch): Promise<number>;
  cutAfterBytes(bytes: number, options?: CutOptions): Promise<void>;
  cutInsideEvent(options?: EventCutOptions): Promise<void>;
  cutBeforeFirstEvent(options?: FirstEventCutOptions): Promise<void>;
  refuse(on: boolean): Promise<void>;
  respond(options: RespondOptions): Promise<void>;
  stall(on: boolean, match?: RequestMatch): Promise<void>;
  latency(ms: number, jitter?: number, seed?: number): Promise<void>;
  slice(min: number, max: number, seed: number): Promise<void>;
  heal(): Promise<void>;
  retarget(port: number): Promise<void>;
}

/**
 * Drives a proxy that was started with `control: true` from a page or another process. In a browser
 * give it `controlUrl`: six hanging requests to `url` would hold every command back.
 */
export function connectFaultProxy(controlUrl: string): RemoteFaultProxy {
  const ask = async <Answer>(name: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${controlUrl}/__chaos/${name}`, init);
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
    return response.json() as Promise<Answer>;
  };
  const get = <Answer>(name: string): Promise<Answer> => ask(name, {});
  const post = <Answer>(name: string, args: object = {}, signal?: AbortSignal): Promise<Answer> =>
    ask(name, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args, asJson),
      ...(signal ? { signal } : {}),
    });
  const tell = async (name: string, args?: object): Promise<void> => void (await post(name, args));
  return {
    status: () => get('status'),
    log: async () => (await get<{ entries: LogEntry[] }>('log')).entries,
    once: (kind, { signal, ...how } = {}) => post('once', { kind, ...how }, signal),
    cut: async (match) => (await post<{ cut: number }>('cut', match)).cut,
    cutAfterBytes: (bytes, how) => tell('cutAfterBytes', { ...how, bytes }),
    cutInsideEvent: (how) => tell('cutInsideEvent', how),
    cutBeforeFirstEvent: (how) => tell('cutBeforeFirstEvent', how),
    refuse: (on) => tell('refuse', { on }),
    respond: (how) => tell('respond', how),
    stall: (on, match) => tell('stall', { ...match, on }),
    latency: (ms, jitter, seed) => tell('latency', { ms, jitter, seed }),
    slice: (min, max, seed) => tell('slice', { min, max, seed }),
    heal: () => tell('heal'),
    retarget: (port) => tell('retarget', { port }),
  };
}

const asJson = (_key: string, value: unknown): unknown =>
  value instanceof RegExp ? { regexp: value.source, flags: value.flags } : value;
