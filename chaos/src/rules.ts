import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { EventFields, EventMatch, RequestLine, RequestMatch } from './match.ts';
import { matchesEvent, matchesRequest } from './match.ts';

/** How often a rule fires before it is spent. `'always'` lasts until `heal()`. */
export type Times = number | 'always';

/**
 * - `reset`: RST, as when a process is killed or a middlebox drops its state.
 * - `close`: FIN in mid-body, so the body is truncated.
 * - `end`: the body ends as if the server had meant it (200, then EOF).
 */
export type CutHow = 'reset' | 'close' | 'end';

export interface CutOptions extends RequestMatch {
  /** @default 'reset' */
  how?: CutHow;
  /** @default 1 */
  times?: Times;
}

export interface FirstEventCutOptions extends CutOptions, EventMatch {}

export interface EventCutOptions extends FirstEventCutOptions {
  /**
   * Where, as a fraction of the event's bytes: 0 is after the first byte, 1 just before the final
   * blank line. @default 0.5
   */
  at?: number;
}

export interface RespondOptions {
  /** 200 to 599. */
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** @default 1 */
  times?: Times;
  match?: RequestMatch;
  /**
   * Adds the CORS headers that let a page of another origin read the answer. `false` shows the page
   * what most load balancers' own answers show it: a network error. @default true
   */
  cors?: boolean;
}

export interface Latency {
  ms: number;
  jitter: number;
  seed: number;
}

export interface Slices {
  min: number;
  max: number;
  seed: number;
}

interface Armed<Options> {
  options: Options;
  left: number;
  /** Responses up to this number had begun when the rule was set. */
  after: number;
}

export interface ByteCut extends CutOptions {
  bytes: number;
}

const ruleLimit = 256;

/** Every rule now in force. It decides; what it decides is done by the exchange. */
export class Rules {
  refusing = false;
  latency: Latency | undefined;
  slices: Slices | undefined;
  #responses = 0;
  #stalls: RequestMatch[] = [];
  #answers: Armed<RespondOptions>[] = [];
  #byteCuts: Armed<ByteCut>[] = [];
  #eventCuts: Armed<EventCutOptions>[] = [];
  #firstEventCuts: Armed<FirstEventCutOptions>[] = [];

  clear(): void {
    this.refusing = false;
    this.latency = this.slices = undefined;
    this.#stalls = [];
    this.#answers = [];
    this.#byteCuts = [];
    this.#eventCuts = [];
    this.#firstEventCuts = [];
  }

  /** The number of a response that begins now: rules for "the next response" compare with it. */
  beginResponse(): number {
    return ++this.#responses;
  }

  setStall(on: boolean, match: RequestMatch | undefined): void {
    const same = (stall: RequestMatch): boolean =>
      String(stall.path) === String(match?.path) && stall.method === match?.method;
    if (!on) this.#stalls = match ? this.#stalls.filter((stall) => !same(stall)) : [];
    else if (!this.#stalls.some(same)) bounded(this.#stalls).push(match ?? {});
  }

  /** A black hole swallows preflights too, so a stall without a method holds every method. */
  stalls(request: RequestLine): boolean {
    return this.#stalls.some((stall) =>
      matchesRequest(request, { ...stall, method: stall.method ?? request.method }),
    );
  }

  addAnswer(options: RespondOptions): void {
    inRange('status', options.status, 200, 599);
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    bounded(this.#answers).push(this.#arm(options));
  }

  takeAnswer(request: RequestLine): RespondOptions | undefined {
    return take(this.#answers, ({ options }) => matchesRequest(request, options.match ?? {}));
  }

  addByteCut(options: ByteCut): void {
    inRange('bytes', options.bytes, 0, Number.MAX_SAFE_INTEGER);
    bounded(this.#byteCuts).push(this.#arm(options));
  }

  /** The cut that falls into the next `length` bytes of a response that has sent `sent`. */
  takeByteCut(
    request: RequestLine,
    response: number,
    sent: number,
    length: number,
  ): ByteCut | undefined {
    return take(
      this.#byteCuts,
      ({ options, after }) =>
        response > after &&
        options.bytes >= sent &&
        options.bytes <= sent + length &&
        matchesRequest(request, options),
    );
  }

  addEventCut(options: EventCutOptions): void {
    const { at = 0.5 } = options;
    if (!(at >= 0 && at <= 1)) throw new RangeError(`at: ${at} is not a fraction from 0 to 1.`);
    bounded(this.#eventCuts).push(this.#arm(options));
  }

  addFirstEventCut(options: FirstEventCutOptions): void {
    bounded(this.#firstEventCuts).push(this.#arm(options));
  }

  /** Whether an event of this response may have to be cut, so must be held until it is whole. */
  watchesEvents(request: RequestLine, response: number): boolean {
    return (
      this.#eventCuts.some(({ options }) => matchesRequest(request, options)) ||
      this.#firstEventCuts.some(
        ({ options, after }) => response > after && matchesRequest(request, options),
      )
    );
  }

  takeFirstEventCut(
    request: RequestLine,
    response: number,
    event: EventFields,
  ): FirstEventCutOptions | undefined {
    return take(
      this.#firstEventCuts,
      ({ options, after }) =>
        response > after && matchesRequest(request, options) && matchesEvent(event, options),
    );
  }

  takeEventCut(request: RequestLine, event: EventFields): EventCutOptions | undefined {
    return take(
      this.#eventCuts,
      ({ options }) => matchesRequest(request, options) && matchesEvent(event, options),
    );
  }

  #arm<Options extends { times?: Times }>(options: Options): Armed<Options> {
    const { times = 1 } = options;
    if (times !== 'always') inRange('times', times, 1, Number.MAX_SAFE_INTEGER);
    return { options, left: times === 'always' ? Infinity : times, after: this.#responses };
  }
}

/** The first rule in the order of arming that fits; it is spent once and leaves when used up. */
function take<Options>(
  armed: Armed<Options>[],
  fits: (rule: Armed<Options>) => boolean,
): Options | undefined {
  const index = armed.findIndex(fits);
  const rule = armed[index];
  if (!rule) return undefined;
  if (--rule.left <= 0) armed.splice(index, 1);
  return rule.options;
}

function bounded<Item>(list: Item[]): Item[] {
  if (list.length >= ruleLimit) {
    throw new RangeError(`More than ${ruleLimit} rules of one kind: call heal() between tests.`);
  }
  return list;
}

/** @throws RangeError naming the argument when `value` is no whole number from `min` to `max`. */
export function inRange(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name}: ${value} is not a whole number from ${min} to ${max}.`);
}
