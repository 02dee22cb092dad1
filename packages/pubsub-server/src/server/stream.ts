import type { ServerResponse } from 'node:http';
import {
  encodeControl,
  encodeVector,
  parseCursor,
  type ControlFrames,
  type ControlType,
  type Cursor,
} from '@hipponot/pubsub-core';
import type { Principal } from '../pubsub-options.ts';
import type { Frame } from './frame.ts';
import type { Beating, HeartbeatWheel } from './heartbeat-wheel.ts';
import { openSink, type ResponseSink } from './response-sink.ts';
import type { Outlet, Subscription } from './subscription.ts';
import type { OutgoingNode, TurnWriter, WriteTurn } from './write-turn.ts';

/** Why the server ended a stream; `gone`: the client did. */
export type StreamEnd =
  | 'gone'
  | 'slow'
  | 'stalled'
  | 'expired'
  | 'rotation'
  | 'stopping'
  | 'revoked'
  | 'unavailable';

/** What a stream needs of its server. */
export interface StreamDeps {
  readonly turn: WriteTurn;
  readonly wheel: HeartbeatWheel;
  readonly bufferedBytes: number;
  /** A connection that takes nothing for so long is dropped. Milliseconds. */
  readonly stallMs: number;
  /** Called once, when the stream is over. */
  readonly onEnd: (stream: Stream, end: StreamEnd) => void;
}

/** For plain clients: the position of the whole stream travels in `id:` lines. */
export interface PlainStream {
  readonly channels: readonly string[];
  readonly positions: ReadonlyMap<string, Cursor>;
}

const heartbeat = Buffer.from(encodeControl('heartbeat', {}));

// While a channel replays, it waits once this much is on its way: far under what would end the stream.
const roomBytes = 65_536;

/**
 * One connection: its channels and what waits to be written. It writes at most once per event-loop turn,
 * and never to a peer that does not read; one that lets too much wait is dropped, and recovers by replay.
 */
export class Stream implements Outlet, TurnWriter, Beating {
  readonly id: string;
  readonly principal: Principal;
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly #deps: StreamDeps;
  readonly #sink: ResponseSink;
  readonly #plain: { channels: readonly string[]; positions: Map<string, Cursor> } | undefined;
  #outgoing: OutgoingNode | undefined;
  #scheduled = false;
  #blockedSince: number | undefined;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    id: string,
    principal: Principal,
    response: ServerResponse,
    plain: PlainStream | undefined,
    deps: StreamDeps,
  ) {
    this.id = id;
    this.principal = principal;
    this.#deps = deps;
    this.#plain = plain && { channels: plain.channels, positions: new Map(plain.positions) };
    this.#sink = openSink(response, {
      onDrain: () => this.#onDrain(),
      onClose: () => this.#finish('gone'),
    });
    deps.wheel.add(this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Ends the stream once this time is over. Milliseconds. */
  endAfter(ms: number, end: StreamEnd, retryMs: () => number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.drain(end, retryMs()), Math.min(ms, 2 ** 31 - 1));
  }

  event(frame: Frame): void {
    if (this.#plain) {
      this.#plain.positions.set(frame.channel, frame.cursor);
      this.#send(Buffer.from(this.#idLine()));
    }
    this.#send(frame.bytes);
  }

  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    let text = encodeControl(type, body);
    if (this.#plain) text += this.#plainTail(type, body);
    this.#send(Buffer.from(text));
  }

  /** Text of no channel: `retry:` lines and comments. */
  text(text: string): void {
    this.#send(Buffer.from(text));
  }

  room(): Promise<void> | undefined {
    if (
      this.#ended ||
      (this.#blockedSince === undefined && (this.#outgoing?.totalBytes ?? 0) < roomBytes)
    )
      return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  beat(): void {
    if (this.#blockedSince !== undefined) {
      if (performance.now() - this.#blockedSince > this.#deps.stallMs) this.#drop('stalled');
      return;
    }
    this.#send(this.#plain ? Buffer.from(`${heartbeat.toString()}${this.#idLine()}\n`) : heartbeat);
  }

  /** Says `drain`, then ends. The client reopens after `retryMs` with the same cursors. */
  drain(end: StreamEnd, retryMs: number): void {
    if (this.#ended) return;
    // A peer that does not read would not see it either.
    if (this.#blockedSince !== undefined) return this.#drop(end);
    this.control('drain', { retryMs, reason: end });
    this.flush();
    this.#sink.end();
    this.#finish(end);
  }

  /** Called by the write turn, at the end of the turn. */
  flush(): void {
    this.#scheduled = false;
    const outgoing = this.#outgoing;
    if (this.#ended || !outgoing || this.#blockedSince !== undefined) return;
    this.#outgoing = undefined;
    if (!this.#sink.write(outgoing)) this.#blockedSince = performance.now();
    else this.#wake();
  }

  #send(chunk: Buffer): void {
    if (this.#ended) return;
    this.#outgoing = (this.#outgoing ?? this.#deps.turn.root).append(chunk);
    if (this.#blockedSince !== undefined) {
      if (this.#outgoing.totalBytes > this.#deps.bufferedBytes) this.#drop('slow');
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#deps.turn.add(this);
    }
  }

  #onDrain(): void {
    this.#blockedSince = undefined;
    this.flush();
    if (this.#blockedSince === undefined) this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #drop(end: StreamEnd): void {
    this.#sink.destroy();
    this.#finish(end);
  }

  #finish(end: StreamEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outgoing = undefined;
    clearTimeout(this.#timer);
    this.#deps.wheel.remove(this);
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.#wake();
    this.#deps.onEnd(this, end);
  }

  #idLine(): string {
    const plain = this.#plain;
    return plain ? `id: ${encodeVector(plain.channels, plain.positions)}\n` : '';
  }

  /** What a plain client needs behind a control frame, so that it resumes from there. */
  #plainTail(type: ControlType, body: ControlFrames[ControlType]): string {
    const moved =
      type === 'attached' && 'from' in body
        ? body.from
        : type === 'gap' && 'to' in body
          ? body.to
          : undefined;
    const cursor = parseCursor(moved);
    if (cursor && 'channel' in body) this.#plain?.positions.set(body.channel, cursor);
    if (type === 'drain' && 'retryMs' in body) return `retry: ${body.retryMs}\n\n`;
    // A control frame carries no id itself: an id-only block follows (PROTOCOL.md, Plain clients).
    return type === 'live' || type === 'gap' ? `${this.#idLine()}\n` : '';
  }
}
