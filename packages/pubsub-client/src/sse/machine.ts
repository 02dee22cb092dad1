/**
 * The connection as a pure machine. Data in, data out: no clock, no timer, no socket.
 *
 *             wanted            hello
 *   ┌──────┐────────►┌────────────┐────────►┌───────────┐──┐ next: a successor, waited for or opening,
 *   │ idle │         │ connecting │         │ connected │  │ takes over when it has attached what both
 *   └──────┘◄────────└────────────┘◄────────└───────────┘◄─┘ carry (make before break)
 *         none wanted  │  ▲  │        ended, silent
 *                      │  └──┘ a wait is over
 *                      │
 *   paused  ◄── paused, from everywhere but failed and needs-auth; ── resumed ──► connecting
 *   failed, needs-auth  ◄── an error that no retry mends; ── resumed('manual') ──► connecting
 *   closed  ◄── closed, from everywhere; final
 *
 * A state holds the streams that should be open and when to look at them again. Effects are the
 * difference between the state before and the state after: what is not in the state is not running.
 * SPEC.md numbers the invariants.
 */
import { protocolVersion, PubSubError, type Frame, type HelloFrame } from '@hipponot/pubsub-core';
import type { PauseReason } from '../client/connection-status.ts';
import { clampHint, delayBefore, type Policy } from './backoff.ts';
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
  /** Since when the connection has been whole: a successor inherits it. */
  readonly since: number;
  /** When to look whether it lives. */
  readonly due: number;
  /** At the last look it had been silent too long. */
  readonly suspect: boolean;
  /** Why the one before it failed. */
  readonly error: PubSubError | undefined;
}

/** The wait before the next attempt. */
export interface Waiting {
  readonly no?: undefined;
  readonly due: number;
  readonly error: PubSubError | undefined;
}

/** What outlives a state. */
export interface Memory {
  readonly wanted: Channels;
  /** The number of the last stream. */
  readonly last: number;
  /** Attempts that failed since a stream was healthy. */
  readonly failures: number;
  /** Was it connected since it was idle? */
  readonly ever: boolean;
  /** Were refused credentials refreshed since the last hello? */
  readonly refreshed: boolean;
  readonly pauses: readonly PauseReason[];
}

interface Rest {
  readonly at: 'idle' | 'paused' | 'closed';
  readonly memory: Memory;
}

interface Stopped {
  readonly at: 'needs-auth' | 'failed';
  readonly memory: Memory;
  readonly error: PubSubError;
}

interface Connecting {
  readonly at: 'connecting';
  readonly memory: Memory;
  readonly next: Waiting | Stream;
  readonly current?: undefined;
}

interface Connected {
  readonly at: 'connected';
  readonly memory: Memory;
  readonly current: Stream;
  readonly next: Waiting | Stream | undefined;
}

type Active = Connecting | Connected;

export type State = Rest | Stopped | Active;

export type Input =
  | { readonly type: 'wanted'; readonly channels: Channels }
  | { readonly type: 'frame'; readonly stream: number; readonly frame: Frame }
  | { readonly type: 'ended'; readonly stream: number; readonly error: PubSubError }
  /** It is time to look; `seen` holds, by stream, when its last byte came. */
  | { readonly type: 'tick'; readonly seen: Readonly<Record<number, number>> }
  | { readonly type: 'paused' | 'resumed'; readonly reason: PauseReason }
  | { readonly type: 'closed' };

export type Effect =
  | { readonly type: 'open'; readonly stream: Stream }
  | { readonly type: 'close'; readonly stream: Stream }
  /** Send a tick then, and at no other time. `Infinity`: never. */
  | { readonly type: 'wake'; readonly at: number };

/** What a step may know of the world. */
export interface Moment {
  readonly now: number;
  /** 0 to 1. */
  readonly random: number;
  readonly policy: Policy;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const initialState: State = {
  at: 'idle',
  memory: { wanted: new Map(), last: 0, failures: 0, ever: false, refreshed: false, pauses: [] },
};

/** One input. Where nothing changes, the state is the same object. */
export function step(state: State, input: Input, moment: Moment): Step {
  const after = state.at === 'closed' ? state : advance(state, input, moment);
  const [old, now] = [streamsOf(state), streamsOf(after)];
  const effects: Effect[] = [];
  for (const stream of old) if (!find(now, stream.no)) effects.push({ type: 'close', stream });
  for (const stream of now) if (!find(old, stream.no)) effects.push({ type: 'open', stream });
  const at = wakeAt(after);
  // A timer that fired a moment early is set again.
  if (at !== wakeAt(state) || input.type === 'tick') effects.push({ type: 'wake', at });
  return { state: after, effects };
}

function advance(state: State, input: Input, moment: Moment): State {
  const { memory } = state;
  switch (input.type) {
    case 'wanted': {
      const { channels } = input;
      if (same(memory.wanted, channels)) return state;
      return pursue({ ...state, memory: { ...memory, wanted: channels } }, moment);
    }

    case 'frame':
    case 'ended': {
      const stream = find(streamsOf(state), input.stream);
      if (!stream || !('next' in state)) return state;
      if (input.type === 'ended') return lose(state, stream, input.error, moment);
      return hear(state, stream, input.frame, moment);
    }

    case 'tick': {
      if (!('next' in state)) return state;
      const { next, current } = state;
      const due = next && next.due <= moment.now ? next : current;
      if (!due || due.due > moment.now) return state;
      if (due.no) return look(state, due, input.seen[due.no] ?? 0, moment);
      // Positions of channels that have not attached are unknown: break before make.
      return begin(memory, current?.pending.length ? undefined : current, moment, false, due.error);
    }

    case 'paused':
      if (memory.pauses.includes(input.reason)) return state;
      return pursue({ ...state, memory: { ...memory, pauses: [...memory.pauses, input.reason] } }, moment);

    case 'resumed': {
      const pauses = memory.pauses.filter((reason) => reason !== input.reason);
      const forgiven = { ...memory, pauses, failures: 0, refreshed: false };
      const isManual = input.reason === 'manual';
      // The user's word ends a wait, and forgives what failed.
      const isWaiting = state.at === 'connecting' && !state.next.no;
      if (isManual && ('error' in state || isWaiting)) return pursue({ at: 'idle', memory: forgiven }, moment);
      if (pauses.length === memory.pauses.length) return state;
      if (!isManual && state.at === 'paused' && !pauses.length && memory.wanted.size) {
        // Everyone behind this router is back at this moment.
        const due = moment.now + moment.random * moment.policy.baseMs;
        return flow(forgiven, undefined, { due, error: undefined });
      }
      return pursue({ ...state, memory: forgiven }, moment);
    }

    case 'closed':
      return { at: 'closed', memory };

    default:
      return input satisfies never;
  }
}

/** What a frame means for the connection; what it means for its channel is not known here. */
function hear(state: Active, stream: Stream, frame: Frame, moment: Moment): State {
  const { now } = moment;
  switch (frame.type) {
    case 'hello': {
      if (frame.v !== protocolVersion) {
        const message = `The server speaks version ${frame.v} of the protocol, not ${protocolVersion}.`;
        return lose(state, stream, new PubSubError('bad_answer', message, { retryable: true }), moment);
      }
      if (stream.hello) return state;
      const due = now + 2 * clampHint(frame.heartbeatMs);
      return pursue(put(state, { ...stream, hello: frame, openedAt: now, due }), moment);
    }

    case 'attached':
    case 'denied':
    case 'revoked': {
      const pending = stream.pending.filter((channel) => channel !== frame.channel);
      const again = stream.again || ('retryable' in frame && frame.retryable);
      if (pending.length === stream.pending.length && again === stream.again) return state;
      return pursue(put(state, { ...stream, pending, again }), moment);
    }

    case 'drain': {
      const error = new PubSubError('unavailable', `The server ends the stream: ${frame.reason}.`, {
        retryable: true,
        retryAfterMs: frame.retryMs,
      });
      if (stream !== state.current) return lose(state, stream, error, moment);
      // It serves until it ends; its successor comes when the server wants it.
      return state.next ? state : retry(calm(state.memory, stream, moment), stream, error, moment);
    }

    default:
      return state;
  }
}

/** Is it alive? The clock decides, not the timer: a throttled timer is late, and the stream well. */
function look(state: Active, stream: Stream, seenAt: number, moment: Moment): State {
  const { now } = moment;
  const { hello, suspect, pending } = stream;
  const beat = clampHint(hello?.heartbeatMs);
  const left = hello ? seenAt + 2 * beat - now : 0;
  if (left > 0) {
    const alive = { ...stream, due: now + left, suspect: false };
    const age = now - stream.openedAt;
    // Before the credentials expire, and with new ones.
    const isOld = hello?.expiresInMs !== undefined && age > hello.expiresInMs * 0.9;
    if (isOld && stream === state.current && !state.next && !pending.length) {
      return begin(state.memory, alive, moment, true);
    }
    return put(state, alive);
  }
  // What came while the page was busy or asleep may still be unread: look once more.
  if (hello && !suspect) return put(state, { ...stream, due: now + beat / 2, suspect: true });
  const message = `The server sent nothing for ${Math.round(now - seenAt)} ms.`;
  return lose(state, stream, new PubSubError('timeout', message, { retryable: true }), moment);
}

/** A stream is gone. */
function lose({ memory, current, next }: Active, stream: Stream, error: PubSubError, moment: Moment): State {
  if (stream !== current) return retry(memory, current, error, moment);
  if (next) return pursue(flow(memory, undefined, next), moment);
  return retry(calm(memory, stream, moment), undefined, error, moment);
}

/** What follows from a state by itself: rest, a start, a take-over, a successor for another set. */
function pursue(state: State, moment: Moment): State {
  const { memory } = state;
  if (!memory.wanted.size && !memory.pauses.length) {
    return { at: 'idle', memory: { ...initialState.memory, last: memory.last } };
  }
  // An error stays in sight until someone acts on it.
  if ('error' in state) return state;
  if (memory.pauses.length) return { at: 'paused', memory };
  if (!('next' in state)) return begin(memory, undefined, moment);

  const { current, next } = state;
  if (next?.no && next.hello) {
    const isShared = (channel: string): boolean => current?.asked.get(channel) === next.asked.get(channel);
    if (current && next.pending.some(isShared)) return state;
    const served = { ...next, since: current?.since ?? moment.now };
    return pursue(flow({ ...memory, ever: true, refreshed: false }, served, undefined), moment);
  }
  // One successor at a time, and only of a settled stream: a channel that has not attached has no
  // position, and a successor opened without it could start beyond what the stream still carries.
  if (!current || next || current.pending.length) return state;
  const calmed = calm(memory, current, moment);
  if (!same(current.asked, memory.wanted)) return begin(calmed, current, moment);
  return current.again ? retry(calmed, { ...current, again: false }, undefined, moment) : state;
}

/** Opens a stream for the set of now. */
function begin(
  memory: Memory,
  current: Stream | undefined,
  { now, policy }: Moment,
  refresh = false,
  error?: PubSubError,
): Active {
  const no = memory.last + 1;
  return flow({ ...memory, last: no }, current, {
    no,
    asked: memory.wanted,
    pending: [...memory.wanted.keys()],
    again: false,
    refresh,
    hello: undefined,
    openedAt: now,
    since: now,
    due: now + policy.connectTimeoutMs,
    suspect: false,
    error,
  });
}

/** After a failure, beside the stream that still serves if there is one: again after a wait, or not. */
function retry(
  memory: Memory,
  current: Stream | undefined,
  error: PubSubError | undefined,
  moment: Moment,
): State {
  const verdict = error && decideRetry(error);
  if (error && verdict !== 'retry') {
    if (verdict === 'stop') return { at: 'failed', memory, error };
    if (memory.refreshed) return { at: 'needs-auth', memory, error };
    return begin({ ...memory, refreshed: true }, current, moment, true, error);
  }
  const failures = memory.failures + 1;
  const due = moment.now + delayBefore(failures, moment.random, error?.retryAfterMs, moment.policy);
  return flow({ ...memory, failures }, current, { due, error });
}

/** Failures before a stream that stayed healthy do not count; before one that did not, they do. */
function calm(memory: Memory, { openedAt }: Stream, { now, policy }: Moment): Memory {
  return now - openedAt < policy.stableMs ? memory : { ...memory, failures: 0 };
}

function flow(memory: Memory, current: Stream | undefined, next: Waiting | Stream): Active;
function flow(memory: Memory, current: Stream, next: undefined): Active;
function flow(memory: Memory, current: Stream | undefined, next: Waiting | Stream | undefined): Active {
  return current ? { at: 'connected', memory, current, next } : { at: 'connecting', memory, next: next as Waiting };
}

function put(state: Active, stream: Stream): Active {
  if (state.at === 'connected' && state.current.no === stream.no) return { ...state, current: stream };
  return { ...state, next: stream };
}

function find(streams: readonly Stream[], no: number): Stream | undefined {
  return streams.find((stream) => stream.no === no);
}

function streamsOf(state: State): Stream[] {
  const slots = 'next' in state ? [state.current, state.next] : [];
  return slots.filter((slot) => slot?.no !== undefined);
}

function wakeAt(state: State): number {
  if (!('next' in state)) return Infinity;
  return Math.min(state.current?.due ?? Infinity, state.next?.due ?? Infinity);
}

function same(left: Channels, right: Channels): boolean {
  return left.size === right.size && [...left].every(([channel, id]) => right.get(channel) === id);
}
