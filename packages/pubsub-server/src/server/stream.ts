import type { ServerResponse } from 'node:http';
import { encodeControl, type ControlFrames, type ControlType } from '@hipponot/pubsub-core';
import type { AttachRequest } from './attach.ts';
import type { Frame } from './frame.ts';
import type { Beating, HeartbeatWheel } from './heartbeat-wheel.ts';
import type { Connection, StreamEnd } from './hub.ts';
import { PositionVector } from './position-vector.ts';
import { openSink, type ResponseSink } from './response-sink.ts';
import type { Subscription } from './subscription.ts';
import type { OutgoingNode, TurnWriter, WriteTurn } from './write-turn.ts';

/** What a stream needs of its server. */
export interface StreamDeps {
  readonly turn: WriteTurn;
  readonly wheel: HeartbeatWheel;
  readonly bufferedBytes: number;
  /** A connection that takes nothing for so long is dropped. Milliseconds. */
  readonly stallMs: number;
  /** Called once, when the stream is over. */
  readonly onEnd: (end: StreamEnd) => void;
}

const heartbeat = Buffer.from(encodeControl('heartbeat', {}));

// While a channel replays, it waits once this much is on its way: far under what would end the stream.
const roomBytes = 65_536;

/**
 * One connection: its channels and what waits to be written. It writes at most once per event-loop turn,
 * and never to a peer that does not read; one that lets too much wait is dropped, and recovers by replay.
 */
export class Stream implements Connection, TurnWriter, Beating {
  readonly plain: boolean;
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly #deps: StreamDeps;
  readonly #sink: ResponseSink;
  readonly #vector: PositionVector | undefined;
  #outgoing: OutgoingNode | undefined;
  #scheduled = false;
  #blockedSince: number | undefined;
  #waiting: (() => void)[] = [];
  #ended = false;

  /** @param plain what a plain client asked for: the position of its whole stream travels in `id:` lines */
  constructor(
    response: ServerResponse,
    plain: readonly AttachRequest[] | undefined,
    deps: StreamDeps,
  ) {
    this.plain = plain !== undefined;
    this.#deps = deps;
    this.#vector = plain && new PositionVector(plain);
    this.#sink = openSink(response, {
      onDrain: () => this.#onDrain(),
      onClose: () => this.#finish('gone'),
    });
    deps.wheel.add(this);
  }

  event(frame: Frame): void {
    if (this.#vector) {
      this.#vector.event(frame);
      this.#send(Buffer.from(this.#idLine()));
    }
    this.#send(frame.bytes);
  }

  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    let text = encodeControl(type, body);
    if (this.#vector) {
      this.#vector.control(type, body);
      // Control frames carry no id themselves: an id-only block follows (PROTOCOL.md, Plain clients).
      if (type === 'live' || type === 'gap') text += `${this.#idLine()}\n`;
      if ('retryMs' in body) text += `retry: ${body.retryMs}\n\n`;
    }
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
    this.#send(this.plain ? Buffer.from(`${heartbeat.toString()}${this.#idLine()}\n`) : heartbeat);
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
    this.#deps.wheel.remove(this);
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.#wake();
    this.#deps.onEnd(end);
  }

  #idLine(): string {
    return this.#vector ? `id: ${this.#vector.encode()}\n` : '';
  }
}
