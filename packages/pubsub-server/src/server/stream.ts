import type { ServerResponse } from 'node:http';
import { encodeControl, type ControlFrames, type ControlType } from '@hipponot/pubsub-core';
import type { AttachRequest } from './attach.ts';
import type { Frame } from './frame.ts';
import type { Beating, HeartbeatWheel } from './heartbeat-wheel.ts';
import type { Connection, StreamEnd } from './hub.ts';
import { PositionVector } from './position-vector.ts';
import { openSink, type ResponseSink } from './response-sink.ts';
import type { Subscription } from './subscription.ts';
import { emptyNode, type OutgoingNode, type TurnWriter, type WriteTurn } from './write-turn.ts';

/** What a stream needs of its server. */
export interface StreamDeps {
  readonly turn: WriteTurn;
  readonly wheel: HeartbeatWheel;
  /** Beyond so much waiting for it, a connection that does not keep up is dropped. */
  readonly bufferedBytes: number;
  /** A connection that takes nothing for so long is dropped. Milliseconds. */
  readonly stallMs: number;
  /** Called once, when the stream is over. */
  readonly onEnd: (end: StreamEnd) => void;
}

const heartbeat = Buffer.from(encodeControl('heartbeat', {}));

// While a channel replays, it waits once this much is on its way: far under what would end the stream.
const roomBytes = 65_536;

// How long more than `bufferedBytes` may wait after one large turn: a peer that reads is done by then.
const excessMs = 2000;

/**
 * One connection: its channels and what waits to be written. It writes once per event-loop turn, in
 * pieces, and never to a peer that does not read; one that lets too much wait is dropped, and recovers by
 * replay.
 */
export class Stream implements Connection, TurnWriter, Beating {
  readonly plain: boolean;
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly #deps: StreamDeps;
  readonly #sink: ResponseSink;
  readonly #vector: PositionVector | undefined;
  /** Full pieces, the oldest first, and the one that is being filled. */
  #pieces: OutgoingNode[] = [];
  #outgoing: OutgoingNode | undefined;
  #queuedBytes = 0;
  /** What came since the peer had something to catch up with. */
  #lateBytes = 0;
  #scheduled = false;
  #blockedSince: number | undefined;
  #excess: NodeJS.Timeout | undefined;
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
    if (this.#ended || (this.#blockedSince === undefined && this.#queuedBytes < roomBytes))
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
    // Nothing waits for the peer here; what it does not take now, the sink's own time limit drops.
    for (let piece = this.#take(); piece; piece = this.#take()) this.#sink.write(piece);
    this.#sink.end();
    this.#finish(end);
  }

  /** Called by the write turn, at the end of the turn. */
  flush(): void {
    this.#scheduled = false;
    if (this.#ended || this.#blockedSince !== undefined) return;
    for (let piece = this.#take(); piece; piece = this.#take()) {
      if (this.#sink.write(piece)) continue;
      this.#blockedSince = performance.now();
      break;
    }
    this.#limitExcess();
    if (this.#blockedSince === undefined) {
      this.#lateBytes = 0;
      this.#wake();
    }
  }

  #send(chunk: Buffer): void {
    if (this.#ended) return;
    const blocked = this.#blockedSince !== undefined;
    const before = this.#outgoing;
    // A blocked stream is no part of the turn: the turn's root would hold its chain.
    this.#outgoing = (before ?? (blocked ? emptyNode() : this.#deps.turn.root)).append(chunk);
    if (before && this.#outgoing.startsPiece) this.#pieces.push(before);
    this.#queuedBytes += chunk.length;
    if (blocked) {
      this.#lateBytes += chunk.length;
      // The turn that blocked it has `excessMs`; nothing may come on top of that without end.
      const late = Math.min(this.#lateBytes, this.#waitingBytes);
      if (late > this.#deps.bufferedBytes) this.#drop('slow');
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#deps.turn.add(this);
    }
  }

  /** Queued here, and handed to the socket but not taken from it. */
  get #waitingBytes(): number {
    return this.#queuedBytes + this.#sink.unsentBytes;
  }

  /** The next piece to write. */
  #take(): OutgoingNode | undefined {
    let piece = this.#pieces.shift();
    if (!piece) {
      piece = this.#outgoing;
      this.#outgoing = undefined;
    }
    this.#queuedBytes -= piece?.totalBytes ?? 0;
    return piece;
  }

  /** More than the limit waits after one turn: there is a time by which it has to be less. */
  #limitExcess(): void {
    if (this.#waitingBytes <= this.#deps.bufferedBytes) {
      clearTimeout(this.#excess);
      this.#excess = undefined;
    } else {
      this.#excess ??= setTimeout(() => this.#drop('slow'), excessMs);
    }
  }

  #onDrain(): void {
    this.#blockedSince = undefined;
    this.flush();
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
    clearTimeout(this.#excess);
    this.#pieces = [];
    this.#outgoing = undefined;
    this.#queuedBytes = 0;
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
