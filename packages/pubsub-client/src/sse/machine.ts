/**
 * The connection as a pure machine. Data in, data out: no clock, no timer, no socket.
 *
 *             wanted              hello
 *   ┌──────┐────────►┌────────────┐────────►┌───────────┐──┐ a successor opens beside the stream that
 *   │ idle │         │ connecting │         │ connected │  │ serves, and takes over once it has answered
 *   └──────┘◄────────└────────────┘◄────────└───────────┘◄─┘ for all that both carry (make before break)
 *         none wanted  │  ▲  │        ended, silent
 *                      │  └──┘ a wait is over
 *                      │
 *   paused  ◄── paused, from everywhere but failed and needs-auth; ── resumed ──► connecting
 *   failed, needs-auth  ◄── an error that no retry mends; ── resumed('manual') ──► connecting
 *   closed  ◄── closed, from everywhere; final
 *
 * A state holds the streams that should be open, the oldest first, and when to look at them again.
 * Effects are the difference between two states: what is not in the state is not running. SPEC.md numbers
 * the invariants.
 */
import {
  protocolVersion,
  type Frame,
  type HelloFrame,
  type PubSubError,
} from '@hipponot/pubsub-core';
import type { PauseReason } from '../client/connection-status.ts';
import { passing } from '../passing.ts';
import { clampHint, delayBefore, minDelayMs, type Policy } from './backoff.ts';
import { decideRetry } from './retry-decision.ts';

/**
 * Channels, each with the number of its subscription: one that was dropped and asked for again has
 * another number, so that no stream of before passes for carrying it.
 */
export type Channels = ReadonlyMap<string, number>;

/** A stream that is opening or open. */
export interface Stream {
  /** Counts up, so that a word about a stream of before is known as such. */
  readonly no: number;
  /** The channels it was opened with. */
  readonly asked: Channels;
  /** Those of them that it has neither attached nor refused. */
  readonly pending: readonly string[];
  /** It refused a channel that may be had later. */
  readonly again: boolean;
  /** It was opened because the credentials before it were refused or about to expire. */
  readonly refresh: boolean;
  readonly hello: HelloFrame | undefined;
  /** When it said hello. */
  readonly openedAt: number;
  /** When to open another with new credentials: before its own expire, or when they have. */
  readonly renewAt: number;
  /** When to look whether it lives, or is to be renewed. */
  readonly due: number;
  /** At the last look it had been silent too long. */
  readonly suspect: boolean;
}

/** The wait before the next attempt. */
interface Wait {
  readonly due: number;
}

/** What outlives a state. */
interface Memory {
  readonly wanted: Channels;
  /** The number of the last stream. */
  readonly last: number;
  /** Attempts that failed since a stream was healthy. */
  readonly failures: number;
  /** Since when it has been connected, or was before it lost the connection. */
  readonly since: number | undefined;
  /** Were refused credentials refreshed since the last hello? */
  readonly refreshed: boolean;
  readonly pauses: readonly PauseReason[];
}

/** Nothing is open, nothing is due. */
interface Rest extends Memory {
  readonly at: 'idle' | 'paused' | 'closed';
  readonly streams: readonly Stream[] & { readonly length: 0 };
  readonly wait: undefined;
  readonly error: undefined;
}

/** As rest, until the application asks again. */
interface Stopped extends Omit<Rest, 'at' | 'error'> {
  readonly at: 'needs-auth' | 'failed';
  readonly error: PubSubError;
}

/** At work, and connected if the oldest stream said hello. There is a stream or a wait. */
interface Active extends Memory {
  readonly at: 'active';
  readonly streams: readonly Stream[];
  readonly wait: Wait | undefined;
  /** Why the last stream failed. */
  readonly error: PubSubError | undefined;
}

export type State = Rest | Stopped | Active;

export type Input =
  | { readonly type: 'wanted'; readonly channels: Channels }
  | { readonly type: 'frame'; readonly stream: number; readonly frame: Frame }
  | { readonly type: 'ended'; readonly stream: number; readonly error: PubSubError }
  /** It is time to look; `seen` holds, by stream, when its last byte came. */
  | { readonly type: 'tick'; readonly seen: Readonly<Record<number, number>> }
  | { readonly type: 'paused' | 'resumed'; readonly reason: PauseReason }
  | { readonly type: 'closed' };

/** What a step may know of the world. */
export interface Moment {
  readonly now: number;
  /** 0 to 1. */
  readonly random: number;
  readonly policy: Policy;
}

/** What the difference of two states asks for, in this order. */
export interface Effects {
  readonly close: readonly Stream[];
  readonly open: readonly Stream[];
  /** Send a tick then, and at no other time; `Infinity`: never. Absent: as before. */
  readonly wakeAt: number | undefined;
}

const nothing = { streams: [], wait: undefined, error: undefined } as const;
const forgotten = { failures: 0, since: undefined, refreshed: false, pauses: [] };

export const initialState: State = {
  at: 'idle',
  wanted: new Map(),
  last: 0,
  ...forgotten,
  ...nothing,
};

/** One input. Where nothing changes, the state is the same object. */
export function step(
  state: State,
  input: Input,
  moment: Moment,
): { readonly state: State; readonly effects: Effects } {
  const after = state.at === 'closed' ? state : advance(state, input, moment);
  const at = dueAt(after);
  const effects = {
    close: state.streams.filter(({ no }) => !find(after, no)),
    open: after.streams.filter(({ no }) => !find(state, no)),
    // The timer that led to a tick runs no more.
    wakeAt: at !== dueAt(state) || input.type === 'tick' ? at : undefined,
  };
  return { state: after, effects };
}

function advance(state: State, input: Input, moment: Moment): State {
  const { wanted, streams, wait, pauses } = state;
  const { now, random, policy } = moment;
  switch (input.type) {
    case 'wanted':
      return same(wanted, input.channels)
        ? state
        : pursue({ ...state, wanted: input.channels }, moment);

    case 'frame':
    case 'ended': {
      const stream = find(state, input.stream);
      if (!stream || state.at !== 'active') return state;
      return input.type === 'ended'
        ? lose(state, stream, input.error, moment)
        : hear(state, stream, input.frame, moment);
    }

    case 'tick': {
      if (state.at !== 'active') return state;
      if (wait && wait.due <= now) {
        // Positions of channels that have not attached are unknown: break before make.
        return begin(
          { ...state, streams: streams.filter(({ pending }) => !pending.length) },
          moment,
        );
      }
      const stream = streams.find(({ due }) => due <= now);
      return stream ? look(state, stream, input.seen[stream.no] ?? 0, moment) : state;
    }

    case 'paused':
      return pauses.includes(input.reason)
        ? state
        : pursue({ ...state, pauses: [...pauses, input.reason] }, moment);

    case 'resumed': {
      const left = pauses.filter((reason) => reason !== input.reason);
      const anew = { ...state, ...forgotten, ...nothing, since: state.since, pauses: left };
      const isManual = input.reason === 'manual';
      // The user's word ends a wait and forgives what failed.
      if (isManual && (wait || state.error) && !streams.length)
        return pursue({ ...anew, at: 'idle' }, moment);
      if (left.length === pauses.length) return state;
      if (state.at !== 'paused') return pursue({ ...state, pauses: left }, moment);
      // Everyone behind this router is back at this moment.
      const due = now + random * policy.baseMs;
      return pursue(
        isManual ? { ...anew, at: 'idle' } : { ...anew, at: 'active', wait: { due } },
        moment,
      );
    }

    case 'closed':
      return { ...state, ...nothing, at: 'closed' };

    default:
      return input satisfies never;
  }
}

/** What a frame means for the connection; what it means for its channel is not known here. */
function hear(state: Active, stream: Stream, frame: Frame, moment: Moment): State {
  const { now } = moment;
  const [oldest] = state.streams;
  switch (frame.type) {
    case 'hello': {
      if (stream.hello) return state;
      if (frame.v !== protocolVersion) {
        return lose(
          state,
          stream,
          passing('bad_answer', `The server speaks protocol ${frame.v}.`),
          moment,
        );
      }
      // At 90 % of their life, so that the successor serves in time. No life is short enough to spin.
      const renewAt = now + Math.max(minDelayMs, (frame.expiresInMs ?? Infinity) * 0.9);
      // A successor of a stream that still serves goes on with an unbroken connection.
      const since = stream === oldest ? now : state.since;
      return look(
        { ...state, error: undefined, refreshed: false, since },
        { ...stream, hello: frame, openedAt: now, renewAt },
        now,
        moment,
      );
    }

    case 'attached':
    case 'denied':
    case 'revoked': {
      const pending = stream.pending.filter((channel) => channel !== frame.channel);
      const again = stream.again || ('retryable' in frame && frame.retryable);
      if (pending.length === stream.pending.length && again === stream.again) return state;
      return put(state, { ...stream, pending, again }, moment);
    }

    case 'drain': {
      // Timers that slept through the renewal: now, unless the server hands out what expires at once.
      if (frame.reason === 'expired' && !frame.retryMs && now - stream.openedAt >= minDelayMs)
        return put(state, { ...stream, renewAt: now }, moment);
      const error = passing(
        'unavailable',
        `The server ends the stream: ${frame.reason}.`,
        frame.retryMs,
      );
      if (!stream.hello || stream !== oldest) return lose(state, stream, error, moment);
      // It serves until it ends; its successor comes when the server wants it.
      return isAlone(state) ? retry(state, stream, error, moment) : state;
    }

    case 'live':
    case 'gap':
    case 'event':
    case 'heartbeat':
      return state;

    default:
      return frame satisfies never;
  }
}

/** Is it alive? The clock decides, not the timer: a throttled timer is late, and the stream well. */
function look(state: Active, stream: Stream, seenAt: number, moment: Moment): State {
  const { now } = moment;
  const { hello, suspect, renewAt } = stream;
  const beat = clampHint(hello?.heartbeatMs);
  const left = hello ? seenAt + 2 * beat - now : 0;
  if (left > 0) {
    // What is overdue for renewal is renewed as soon as it is settled and alone: no alarm brings that on.
    const due = Math.min(now + left, renewAt > now ? renewAt : Infinity);
    return put(state, { ...stream, due, suspect: false }, moment);
  }
  // What came while the page was busy or asleep may still be unread: look once more.
  if (hello && !suspect)
    return put(state, { ...stream, due: now + beat / 2, suspect: true }, moment);
  return lose(
    state,
    stream,
    passing('timeout', `The server sent nothing for ${now - seenAt} ms.`),
    moment,
  );
}

/** A stream is gone. If another is there or on its way, that one goes on. */
function lose(state: Active, stream: Stream, error: PubSubError, moment: Moment): State {
  const left = { ...state, streams: state.streams.filter((each) => each !== stream) };
  const isNewest = stream === state.streams.at(-1);
  return isNewest && !state.wait ? retry(left, stream, error, moment) : pursue(left, moment);
}

/** What follows from a state by itself: rest, a start, a take-over, a successor for another set. */
function pursue(state: State, moment: Moment): State {
  const { wanted, pauses, streams } = state;
  if (!wanted.size && !pauses.length) return { ...state, ...forgotten, ...nothing, at: 'idle' };
  // A final error stays in sight until someone acts on it.
  if (state.at === 'failed' || state.at === 'needs-auth') return state;
  if (pauses.length) return { ...state, ...nothing, at: 'paused' };
  if (state.at !== 'active') return begin({ ...state, at: 'active' }, moment);

  const [current, successor] = streams;
  if (successor?.hello) {
    const isShared = (channel: string): boolean =>
      current?.asked.get(channel) === successor.asked.get(channel);
    return successor.pending.some(isShared)
      ? state
      : pursue({ ...state, streams: [successor] }, moment);
  }
  // One successor at a time, and only of a settled stream: a channel that has not attached has no
  // position, and a successor opened without it could start beyond what the stream still carries.
  if (!current?.hello || !isAlone(state) || current.pending.length) return state;
  if (current.renewAt <= moment.now || !same(current.asked, wanted))
    return begin(calm(state, current, moment), moment);
  return current.again
    ? retry({ ...state, streams: [{ ...current, again: false }] }, current, undefined, moment)
    : state;
}

/** Opens a stream for the set of now, beside the one that serves if there is one. */
function begin(state: Active, { now, policy }: Moment, isRefused = false): Active {
  const no = state.last + 1;
  const stream: Stream = {
    no,
    asked: state.wanted,
    pending: [...state.wanted.keys()],
    again: false,
    // Whatever the reason to open it, it does not go in with credentials that are about to expire.
    refresh: isRefused || state.streams.some(({ renewAt }) => renewAt <= now),
    hello: undefined,
    openedAt: now,
    renewAt: Infinity,
    due: now + policy.connectTimeoutMs,
    suspect: false,
  };
  return { ...state, last: no, streams: [...state.streams, stream], wait: undefined };
}

/** After a failure, beside the stream that still serves if there is one: again after a wait, or not. */
function retry(
  before: Active,
  stream: Stream,
  error: PubSubError | undefined,
  moment: Moment,
): State {
  const { now, random, policy } = moment;
  const state = calm(before, stream, moment);
  const verdict = error && decideRetry(error);
  if (error && verdict === 'stop') return { ...state, ...nothing, at: 'failed', error };
  if (error && verdict === 'refresh') {
    return state.refreshed
      ? { ...state, ...nothing, at: 'needs-auth', error }
      : begin({ ...state, error, refreshed: true }, moment, true);
  }
  const failures = state.failures + 1;
  const due = now + delayBefore(failures, random, error?.retryAfterMs, policy);
  return { ...state, error, failures, wait: { due } };
}

/** Failures before a stream that stayed healthy do not count; before one that did not, they do. */
function calm(state: Active, { hello, openedAt }: Stream, { now, policy }: Moment): Active {
  return hello && now - openedAt >= policy.stableMs ? { ...state, failures: 0 } : state;
}

function put(state: Active, stream: Stream, moment: Moment): State {
  const streams = state.streams.map((each) => (each.no === stream.no ? stream : each));
  return pursue({ ...state, streams }, moment);
}

function isAlone({ streams, wait }: Active): boolean {
  return streams.length < 2 && !wait;
}

function find({ streams }: State, no: number): Stream | undefined {
  return streams.find((stream) => stream.no === no);
}

function dueAt({ streams, wait }: State): number {
  return Math.min(wait?.due ?? Infinity, ...streams.map(({ due }) => due));
}

function same(left: Channels, right: Channels): boolean {
  return left.size === right.size && [...left].every(([channel, id]) => right.get(channel) === id);
}
