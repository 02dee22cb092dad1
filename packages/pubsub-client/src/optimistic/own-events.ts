import type { Cursor, EventEnvelope } from '@hipponot/pubsub-core';
import { covers, type Feed, type Overlay } from '../channels/feed.ts';

/** Own events shown at once on one channel; the oldest are hidden first. */
const maxOwn = 1000;

interface OwnEvent {
  readonly envelope: EventEnvelope;
  /** Where the server's ack put it: once the position is there, the echo has come or never will. */
  cursor: Cursor | undefined;
  /** It is shown no more. */
  passed(): void;
}

/** An own event in the snapshots of its channel. */
export interface ShownEvent {
  /** Acked: it stays until its echo takes its place. Without a cursor there is no echo: it goes. */
  settle(cursor: Cursor | undefined): void;
  remove(): void;
}

class OwnEvents implements Overlay {
  #own: readonly OwnEvent[] = [];

  get events(): readonly EventEnvelope[] {
    return this.#own.map(({ envelope }) => envelope);
  }

  passed({ position }: Feed, event?: EventEnvelope): boolean {
    return this.drop(({ envelope, cursor }) =>
      event
        ? envelope.id === event.id
        : cursor !== undefined && (cursor.epoch !== position?.epoch || covers(position, cursor)),
    );
  }

  add(own: OwnEvent): void {
    this.#own = [...this.#own, own].slice(-maxOwn);
  }

  drop(isGone: (own: OwnEvent) => boolean): boolean {
    const gone = this.#own.filter(isGone);
    if (!gone.length) return false;
    this.#own = this.#own.filter((own) => !gone.includes(own));
    for (const own of gone) own.passed();
    return true;
  }
}

/** Shows an event behind those of the log until its echo comes. */
export function showOwn(feed: Feed, envelope: EventEnvelope, passed: () => void): ShownEvent {
  const overlay = feed.overlay instanceof OwnEvents ? feed.overlay : new OwnEvents();
  feed.overlay = overlay;
  const own: OwnEvent = { envelope, cursor: undefined, passed };
  overlay.add(own);
  feed.changed();
  const remove = (): void => {
    if (overlay.drop((each) => each === own)) feed.changed();
  };
  return {
    remove,
    settle(cursor) {
      if (!cursor) return remove();
      own.cursor = cursor;
      if (overlay.passed(feed)) feed.changed();
    },
  };
}
