import type { ControlFrames, ControlType } from '@hipponot/pubsub-core';
import type { Connection, StreamEnd } from '../../server/hub.ts';
import type { Subscription } from '../../server/subscription.ts';

/** A connection that writes down what it is told, and ends when it is drained. */
export class RecordingConnection implements Connection {
  readonly plain: boolean;
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly said: { readonly type: string; readonly reason: unknown }[] = [];
  end: StreamEnd | undefined;
  readonly #onEnd: (end: StreamEnd) => void;

  constructor(onEnd: (end: StreamEnd) => void, plain = false) {
    this.#onEnd = onEnd;
    this.plain = plain;
  }

  event(): void {}

  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    this.said.push({ type, reason: 'reason' in body ? body.reason : undefined });
  }

  room(): undefined {
    return undefined;
  }

  drain(end: StreamEnd): void {
    this.end = end;
    this.#onEnd(end);
  }
}
