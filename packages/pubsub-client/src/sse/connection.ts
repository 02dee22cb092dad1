import type { Frame } from '@hipponot/pubsub-core';
import type { ConnectionStatus, PauseReason } from '../client/connection-status.ts';
import type { PageSignals } from '../client/page-signals.ts';
import type { Policy } from './backoff.ts';
import type { Clock } from './clock.ts';
import { initialState, step, type Channels, type Input, type Stream } from './machine.ts';
import { projectStatus } from './project-status.ts';
import type { ChannelRequest, Transport } from './transport.ts';

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly policy: Policy;
  readonly signals: PageSignals | undefined;
  /** The set with the positions of now, as a stream is opened with. */
  readonly request: (asked: Channels) => ChannelRequest[];
  readonly receive: (stream: Stream, frame: Frame) => void;
  /** A stream is gone: its channels wait for another. */
  readonly release: (stream: Stream) => void;
  readonly changed: (status: ConnectionStatus) => void;
}

/** Runs the machine's effects on a clock, a transport and the page's signals. Decides nothing itself. */
export interface Connection {
  readonly status: () => ConnectionStatus;
  want(channels: Channels): void;
  pause(reason: PauseReason): void;
  resume(reason: PauseReason): void;
  close(): void;
}

export function createConnection({
  transport,
  clock,
  random,
  policy,
  signals,
  request,
  receive,
  release,
  changed,
}: ConnectionOptions): Connection {
  const ends = new Map<number, () => void>();
  const seen: Record<number, number> = {};
  let state = initialState;
  let status = projectStatus(state);
  let timer: unknown;
  let leavePage: (() => void) | undefined;

  function send(input: Input, now = clock.now()): void {
    const { state: after, effects } = step(state, input, { now, random: random(), policy });
    state = after;
    for (const stream of effects.close) end(stream);
    for (const stream of effects.open) open(stream);
    if (effects.wakeAt !== undefined) wake(effects.wakeAt, now);
    // What an effect led to may have told a newer state already.
    const projected = projectStatus(state);
    if (JSON.stringify(projected) === JSON.stringify(status)) return;
    status = projected;
    changed(status);
  }

  function open(stream: Stream): void {
    const { no, asked, refresh } = stream;
    seen[no] = clock.now();
    const close = transport.open(
      { channels: request(asked), refresh },
      {
        onBytes() {
          seen[no] = clock.now();
        },
        onEnd: (error) => send({ type: 'ended', stream: no, error }),
        onFrame(frame) {
          // A stream that was closed may have bytes in hand still: they are nobody's.
          if (!ends.has(no)) return;
          receive(stream, frame);
          if (frame.type !== 'event') send({ type: 'frame', stream: no, frame });
        },
      },
    );
    ends.set(no, close);
  }

  function end(stream: Stream): void {
    ends.get(stream.no)?.();
    ends.delete(stream.no);
    delete seen[stream.no];
    release(stream);
  }

  function wake(at: number, now: number): void {
    clock.clearTimeout(timer);
    if (at === Infinity) return;
    // A timer that fires has waited long enough, whatever a clock that was set back says.
    timer = clock.setTimeout(
      () => send({ type: 'tick', seen }, Math.max(at, clock.now())),
      at - now,
    );
  }

  return {
    status: () => status,
    want(channels) {
      // The page is listened to only while a stream is needed, and before the first one opens.
      if (channels.size)
        leavePage ??= signals?.((reason, on) => send({ type: on ? 'paused' : 'resumed', reason }));
      send({ type: 'wanted', channels });
      if (channels.size) return;
      leavePage = leavePage?.() as undefined;
      send({ type: 'resumed', reason: 'offline' });
    },
    pause: (reason) => send({ type: 'paused', reason }),
    resume: (reason) => send({ type: 'resumed', reason }),
    close() {
      leavePage?.();
      send({ type: 'closed' });
    },
  };
}
