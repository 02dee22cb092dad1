import {
  encodeVector,
  parseCursor,
  type ControlFrames,
  type ControlType,
  type Cursor,
} from '@hipponot/pubsub-core';
import type { AttachRequest } from './attach.ts';
import type { Frame } from './frame.ts';

/**
 * The delivered positions of a plain client's stream, as one id. A channel that is refused or not yet
 * attached keeps the position the client came with.
 */
export class PositionVector {
  readonly #channels: readonly string[];
  readonly #positions = new Map<string, Cursor>();

  constructor(requests: readonly AttachRequest[]) {
    this.#channels = requests.map(({ channel }) => channel);
    for (const { channel, cursor } of requests) if (cursor) this.#positions.set(channel, cursor);
  }

  event({ channel, cursor }: Frame): void {
    this.#positions.set(channel, cursor);
  }

  control(type: ControlType, body: ControlFrames[ControlType]): void {
    if (!('channel' in body)) return;
    const moved =
      type === 'attached' && 'from' in body
        ? body.from
        : type === 'gap' && 'to' in body
          ? body.to
          : undefined;
    const cursor = parseCursor(moved);
    if (cursor) this.#positions.set(body.channel, cursor);
  }

  encode(): string {
    return encodeVector(this.#channels, this.#positions);
  }
}
