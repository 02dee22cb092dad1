import {
  formatCursor,
  type ControlFrames,
  type ControlType,
  type Cursor,
  type DeniedFrame,
} from '@hipponot/pubsub-core';
import type { FeedListener, Hole } from './channel-feed.ts';
import type { Frame } from './frame.ts';

/** Where a subscription's frames go: an HTTP stream, or the generator of a tRPC procedure. */
export interface Outlet {
  event(frame: Frame): void;
  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void;
  /** Resolves when the peer took enough to go on, or the outlet closed; `undefined`: go on at once. */
  room(): Promise<void> | undefined;
}

/**
 * One channel of one stream: holds the position of the last event sent, and sends nothing at or before
 * it. Until `attach` hands over, live items go to the interceptor.
 */
export class Subscription implements FeedListener {
  readonly channel: string;
  readonly outlet: Outlet;
  /** The position of the last event sent; `undefined` before `attached`. */
  position: Cursor | undefined;
  /** While set, live items are held back: their past is still being read. */
  hold: FeedListener | undefined;
  /** Rechecks in a row that did not find out whether its user may still have it. */
  failedRechecks = 0;
  /** Called once, when the channel ends. */
  onClose: (() => void) | undefined;
  #closed = false;

  constructor(channel: string, outlet: Outlet) {
    this.channel = channel;
    this.outlet = outlet;
  }

  get closed(): boolean {
    return this.#closed;
  }

  frame(frame: Frame): void {
    if (this.hold) this.hold.frame(frame);
    else this.send(frame);
  }

  hole(hole: Hole): void {
    if (this.hold) this.hold.hole(hole);
    else this.tellHole(hole);
  }

  /** Sends one event, unless it was sent before. @returns whether it was sent */
  send(frame: Frame): boolean {
    // Another epoch is always announced by a hole: an unannounced one is left over from the old log.
    if (this.#closed || (this.position && !isAfter(frame.cursor, this.position))) return false;
    this.position = frame.cursor;
    this.outlet.event(frame);
    return true;
  }

  /** Tells of a hole, unless the log had what was missing: then the position is beyond it. */
  tellHole({ to, reason }: Pick<Hole, 'to' | 'reason'>): void {
    const from = this.position;
    if (this.#closed || !from) return;
    const sameEpoch = from.epoch === to.epoch;
    if (sameEpoch && to.offset <= from.offset) return;
    this.position = to;
    this.outlet.control('gap', {
      channel: this.channel,
      outcome: sameEpoch ? 'gap' : 'reset',
      from: formatCursor(from),
      to: formatCursor(to),
      reason,
    });
  }

  /** Ends this channel alone, saying why: `denied` before it was attached, `revoked` after. */
  refuse(body: Omit<DeniedFrame, 'channel'>): void {
    if (this.#closed) return;
    this.outlet.control(this.position ? 'revoked' : 'denied', { channel: this.channel, ...body });
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.hold = undefined;
    this.onClose?.();
  }
}

function isAfter(cursor: Cursor, position: Cursor): boolean {
  return cursor.epoch === position.epoch && cursor.offset > position.offset;
}
