import {
  decodeFrame,
  PubSubError,
  type ControlFrames,
  type ControlType,
  type ErrorCode,
} from '@hipponot/pubsub-core';
import type { StreamListener, StreamRequest, Transport } from '../../sse/transport.ts';

/** A stream that says what the test says. */
export class ScriptedStream {
  readonly request: StreamRequest;
  closed = false;
  #listener: StreamListener;
  #ended = false;

  constructor(request: StreamRequest, listener: StreamListener) {
    this.request = request;
    this.#listener = listener;
  }

  get open(): boolean {
    return !this.closed && !this.#ended;
  }

  get channels(): string[] {
    return this.request.channels.map(({ channel }) => channel);
  }

  close(): void {
    this.closed = true;
  }

  /** Any bytes that are no frame. */
  beat(): void {
    if (this.open) this.#listener.onBytes();
  }

  /** A control frame, decoded as from the wire. */
  say<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    this.#frame(type, JSON.stringify(body));
  }

  hello(body: Partial<ControlFrames['hello']> = {}): void {
    this.say('hello', {
      v: 1,
      streamId: 'stream',
      serverTime: '2026-11-23T10:00:00.000Z',
      heartbeatMs: 15_000,
      limits: { channels: 100, eventBytes: 262_144 },
      emitWindowMs: 86_400_000,
      ...body,
    });
  }

  attached(channel: string, from = 'e:0', body: Partial<ControlFrames['attached']> = {}): void {
    this.say('attached', { channel, outcome: 'fresh', from, ...body });
  }

  live(channel: string, to: string, replayed = 0): void {
    this.say('live', { channel, replayed, to });
  }

  /** Attaches and goes live at once. */
  ready(channel: string, from = 'e:0', body: Partial<ControlFrames['attached']> = {}): void {
    this.attached(channel, from, body);
    this.live(channel, from);
  }

  event(
    channel: string,
    cursor: string,
    payload: unknown = { n: cursor },
    more: object = {},
  ): void {
    const name = `${channel.split('/')[0]}:happened`;
    const envelope = {
      id: `${channel}@${cursor}`,
      name,
      channel,
      payload,
      timestamp: '2026-11-23T10:00:00.000Z',
    };
    this.#frame(undefined, JSON.stringify({ cursor, ...envelope, ...more }));
  }

  end(
    error: PubSubError | ErrorCode = 'network',
    options: { status?: number; retryAfterMs?: number } = {},
  ): void {
    if (!this.open) return;
    this.#ended = true;
    const retryable = error === 'network';
    this.#listener.onEnd(
      typeof error === 'string'
        ? new PubSubError(error, `ended: ${error}`, { retryable, ...options })
        : error,
    );
  }

  #frame(type: string | undefined, data: string): void {
    if (!this.open) return;
    this.#listener.onBytes();
    const frame = decodeFrame(type, data);
    if (frame) this.#listener.onFrame(frame);
  }
}

/** Opens scripted streams and keeps them all. */
export class ScriptedTransport implements Transport {
  readonly streams: ScriptedStream[] = [];

  open(request: StreamRequest, listener: StreamListener): () => void {
    const stream = new ScriptedStream(request, listener);
    this.streams.push(stream);
    return () => stream.close();
  }

  /** The newest stream. */
  get last(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('No stream was opened.');
    return stream;
  }

  get openCount(): number {
    return this.streams.filter(({ open }) => open).length;
  }
}
