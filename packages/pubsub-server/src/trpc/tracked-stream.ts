import { formatCursor, type ControlFrames, type ControlType } from '@hipponot/pubsub-core';
import { tracked, TRPCError, type TrackedEnvelope } from '@trpc/server';
import type { AttachRequest } from '../server/attach.ts';
import type { Frame } from '../server/frame.ts';
import type { Connection, StreamEnd } from '../server/hub.ts';
import { PositionVector } from '../server/position-vector.ts';
import type { Subscription } from '../server/subscription.ts';

/** One item on its way to a tRPC client. */
export type TrackedItem = TrackedEnvelope<unknown>;

// The weight of a control frame, which has no bytes of its own here.
const controlBytes = 256;
const roomBytes = 65_536;

/**
 * A stream as tRPC takes it: an iterable of `tracked` items whose ids hold the positions of all channels.
 * Written as an iterator, not a generator: `return` must end it while a `next` is waiting.
 */
export class TrackedStream implements Connection, AsyncIterableIterator<TrackedItem, void> {
  readonly plain = true;
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly #vector: PositionVector;
  readonly #bufferedBytes: number;
  readonly #onEnd: (end: StreamEnd) => void;
  #queue: { readonly item: TrackedItem; readonly bytes: number }[] = [];
  #bytes = 0;
  #next:
    | { resolve(result: IteratorResult<TrackedItem, void>): void; reject(error: unknown): void }
    | undefined;
  #waiting: (() => void)[] = [];
  #ended = false;
  #error: TRPCError | undefined;

  constructor(
    requests: readonly AttachRequest[],
    bufferedBytes: number,
    onEnd: (end: StreamEnd) => void,
  ) {
    this.#vector = new PositionVector(requests);
    this.#bufferedBytes = bufferedBytes;
    this.#onEnd = onEnd;
  }

  event(frame: Frame): void {
    this.#vector.event(frame);
    this.#push(
      { type: 'event', cursor: formatCursor(frame.cursor), event: frame.envelope },
      frame.bytes.length,
    );
  }

  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    this.#vector.control(type, body);
    this.#push({ type, ...body }, controlBytes);
  }

  room(): Promise<void> | undefined {
    if (this.#ended || this.#bytes < roomBytes) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A 5xx makes a tRPC client reconnect with its last id; a normal end would make it stop. */
  drain(end: StreamEnd): void {
    this.#end(
      end,
      new TRPCError({
        code: 'SERVICE_UNAVAILABLE',
        message: `The stream ends (${end}): reconnect.`,
      }),
    );
  }

  next(): Promise<IteratorResult<TrackedItem, void>> {
    const first = this.#queue.shift();
    if (first) {
      this.#bytes -= first.bytes;
      if (this.#bytes < roomBytes) this.#wake();
      return Promise.resolve({ done: false, value: first.item });
    }
    if (this.#error) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<TrackedItem, void>> {
    this.#queue = [];
    this.#end('gone', undefined);
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #push(data: unknown, bytes: number): void {
    if (this.#ended) return;
    const item = tracked(this.#vector.encode(), data);
    const waiting = this.#next;
    if (waiting) {
      this.#next = undefined;
      waiting.resolve({ done: false, value: item });
      return;
    }
    this.#queue.push({ item, bytes });
    this.#bytes += bytes;
    if (this.#bytes <= this.#bufferedBytes) return;
    // It does not keep up: what it missed is in the log.
    this.#queue = [];
    this.drain('slow');
  }

  #end(end: StreamEnd, error: TRPCError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    const waiting = this.#next;
    this.#next = undefined;
    if (!waiting) this.#error = error;
    else if (error) waiting.reject(error);
    else waiting.resolve({ done: true, value: undefined });
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.#wake();
    this.#onEnd(end);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
