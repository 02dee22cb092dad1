import { PubSubError, type ErrorCode, type Frame } from '@hipponot/pubsub-core';
import {
  initialState,
  step,
  type Input,
  type Moment,
  type State,
  type Effects,
  type Stream,
} from '../../sse/machine.ts';

export const policy = { baseMs: 500, maxMs: 30_000, stableMs: 5_000, connectTimeoutMs: 15_000 };

export function moment(now = 100_000, random = 0.5): Moment {
  return { now, random, policy };
}

/** A set in words: `a b` are the subscriptions a#1 and b#1; `a#2` is a later one. */
export function wanted(words: string): Input {
  const pairs = words
    .split(' ')
    .filter(Boolean)
    .map((word): [string, number] => [word.split('#')[0] ?? '', Number(word.split('#')[1] ?? 1)]);
  return { type: 'wanted', channels: new Map(pairs) };
}

export function hello(
  stream: number,
  more: { v?: number; heartbeatMs?: number; expiresInMs?: number } = {},
): Input {
  const frame: Frame = {
    type: 'hello',
    v: 1,
    streamId: `s${stream}`,
    serverTime: '2026-11-23T10:00:00.000Z',
    heartbeatMs: 15_000,
    limits: { channels: 100, eventBytes: 1000 },
    emitWindowMs: 1000,
    ...more,
  };
  return { type: 'frame', stream, frame };
}

export function attached(stream: number, channel: string): Input {
  return {
    type: 'frame',
    stream,
    frame: { type: 'attached', channel, outcome: 'fresh', from: 'e:0' },
  };
}

export function denied(stream: number, channel: string, retryable = false): Input {
  const frame: Frame = {
    type: 'denied',
    channel,
    code: retryable ? 'unavailable' : 'forbidden',
    message: '',
    retryable,
  };
  return { type: 'frame', stream, frame };
}

export function drain(stream: number, retryMs = 1000, reason = 'stopping'): Input {
  return { type: 'frame', stream, frame: { type: 'drain', retryMs, reason } };
}

export function ended(stream: number, code: ErrorCode = 'network', retryAfterMs?: number): Input {
  return { type: 'ended', stream, error: new PubSubError(code, code, { retryAfterMs }) };
}

export function tick(seen: Record<number, number> = {}): Input {
  return { type: 'tick', seen };
}

/** The state after these inputs, all at the same moment. */
export function after(...inputs: Input[]): State {
  return inputs.reduce((state, input) => step(state, input, moment()).state, initialState);
}

/**
 * A state in one line: `1…` is opening, `1~` said hello, `1` has answered for all its channels; `r`: with
 * refreshed credentials; `wait`: before the next attempt.
 */
export function describeState(state: State): string {
  if (state.at !== 'active')
    return [state.at, ...state.pauses, state.error?.code].filter(Boolean).join(' ');
  const mark = ({ hello: said, pending, refresh, no }: Stream): string =>
    `${no}${refresh ? 'r' : ''}${said ? (pending.length > 0 ? '~' : '') : '…'}`;
  return [...state.streams.map(mark), ...(state.wait ? ['wait'] : [])].join(' ');
}

/** What a step asks for, in order: `close 1`, `open 2`, `wake 350`, `sleep`. */
export function describeEffects({ close, open, wakeAt }: Effects, now: number): string[] {
  const alarm = wakeAt === Infinity ? 'sleep' : `wake ${(wakeAt ?? 0) - now}`;
  return [
    ...close.map(({ no }) => `close ${no}`),
    ...open.map(({ no }) => `open ${no}`),
    ...(wakeAt === undefined ? [] : [alarm]),
  ];
}
