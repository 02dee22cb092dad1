import {
  parseCursor,
  PubSubError,
  type Cursor,
  type ErrorCode,
  type EventEnvelope,
  type EventFrame,
  type Frame,
} from '@hipponot/pubsub-core';
import type { Disposition, Tap } from '../tap.ts';
import type { Recovery } from './channel-snapshot.ts';
import { covers, dropOwn, dropPassed, endOf, moveOn, type Feed, type Listener, type OwnEvent } from './feed.ts';

/** What a feed's frames lead to outside of it. */
export interface Receiving {
  /** What is wrong with an event's payload. */
  check(event: EventEnvelope): PubSubError | undefined;
  /** Events that do not fit are told of and passed on all the same. */
  readonly passInvalid: boolean;
  /** Calls each listener of the feed. */
  tell(feed: Feed, call: (on: Listener) => void): void;
  /** The snapshot is another one now. */
  changed(feed: Feed): void;
  /** Nothing is replayed any more: what stores lack can be asked for. */
  caughtUp(feed: Feed): void;
  readonly tap: Tap;
}

/** Makes the function that applies one frame of a stream to the feed it is about. */
export function createReceive({
  check,
  passInvalid,
  tell,
  changed,
  caughtUp,
  tap,
}: Receiving): (feed: Feed, stream: number, frame: Frame) => void {
  function receive(feed: Feed, stream: number, frame: Frame): void {
    // A channel belongs to the newest stream that answered for it: what an older one still carries would
    // come out of order, or from a log that is no more.
    const isAnswer = frame.type === 'attached' || frame.type === 'denied';
    if (isAnswer ? stream < feed.owner : stream !== feed.owner) return;
    if (isAnswer) feed.owner = stream;
    const isReplaying = feed.status === 'replaying';
    const isLive = feed.status === 'live';

    switch (frame.type) {
      case 'attached': {
        const { outcome, reason } = frame;
        const from = parseCursor(frame.from);
        // A gap that ends behind the position is old news: the other stream had delivered it.
        const isWhole = outcome === 'recovered' || (outcome === 'gap' && from && covers(feed.position, from));
        // Handed over from stream to stream without a break: nothing to tell.
        if (isWhole && (isReplaying || isLive)) return;
        feed.status = 'replaying';
        feed.error = undefined;
        feed.top = -1;
        if (isWhole) {
          feed.recovery = { outcome: 'recovered', replayed: 0, from };
          return changed(feed);
        }
        if (outcome !== 'gap') {
          feed.top = parseCursor(frame.top)?.offset ?? -1;
          for (const reader of feed.readers) reader.lacks = reader.history > feed.asked;
        }
        return resume(feed, from, { outcome, replayed: 0, from: outcome === 'fresh' ? undefined : from, reason });
      }

      case 'live':
        moveOn(feed, parseCursor(frame.to));
        caughtUp(feed);
        if (!isReplaying) return;
        feed.status = 'live';
        conclude(feed);
        return changed(feed);

      case 'gap': {
        const { outcome, reason } = frame;
        const to = parseCursor(frame.to);
        if (outcome === 'gap' && to && covers(feed.position, to)) return;
        const replayed = isLive ? 0 : (feed.recovery?.replayed ?? 0);
        return resume(feed, to, { outcome, replayed, from: parseCursor(frame.from), to, reason });
      }

      case 'denied':
      case 'revoked': {
        const { code, message, retryable } = frame;
        feed.status = retryable ? 'error' : 'denied';
        return fail(feed, new PubSubError(code as ErrorCode, message, { retryable }));
      }

      case 'event':
        return deliver(feed, frame);

      default:
    }
  }

  /** Delivery goes on from a position that is not the last one. Told before the next event. */
  function resume(feed: Feed, position: Cursor | undefined, recovery: Recovery): void {
    const { outcome } = recovery;
    feed.position = position;
    feed.recovery = recovery;
    if (outcome === 'reset') {
      // What was shown belongs to another log.
      feed.first = endOf(feed);
      feed.events = [];
      for (const reader of feed.readers) reader.since = feed.first;
    }
    dropPassed(feed);
    if (outcome !== 'fresh') tell(feed, (on) => on.onGap?.(recovery));
    if (feed.status === 'live') conclude(feed);
    changed(feed);
  }

  function conclude(feed: Feed): void {
    const { channel } = feed;
    const recovery: Recovery = { outcome: 'fresh', replayed: 0, ...feed.recovery, to: feed.position };
    feed.recovery = recovery;
    tap(() => ({ type: 'recovery', channel, recovery }));
    tell(feed, (on) => on.onRecovery?.(recovery));
  }

  function fail(feed: Feed, error: PubSubError): void {
    feed.error = error;
    tell(feed, (on) => on.onError?.(error));
    changed(feed);
  }

  function deliver(feed: Feed, frame: EventFrame): void {
    const { cursor } = frame;
    let { envelope } = frame;
    const note = (disposition: Disposition): void =>
      tap(() => ({ type: 'delivery', channel: feed.channel, cursor, envelope, disposition }));
    if (covers(feed.position, cursor)) return note('duplicate');
    if (feed.position?.epoch !== cursor.epoch) {
      // The server did not say so, but offsets of two logs cannot be compared: what was before is gone.
      const before = { epoch: cursor.epoch, offset: cursor.offset - 1 };
      resume(feed, before, { outcome: 'reset', replayed: 0, from: feed.position, reason: 'the epoch changed' });
    }

    const error = check(envelope);
    if (error) {
      note('invalid');
      fail(feed, error);
    }
    if (!error || passInvalid) {
      const isReplay = feed.status === 'replaying';
      if (isReplay && feed.recovery) {
        feed.recovery = { ...feed.recovery, replayed: feed.recovery.replayed + 1 };
        envelope = { ...envelope, meta: { ...envelope.meta, replayed: true } };
      }
      feed.events.push(envelope);
      // Cut rarely, so that an event costs no copy of the list.
      const surplus = feed.events.length - feed.limit;
      if (surplus > feed.limit + 16) {
        feed.events.splice(0, surplus);
        feed.first += surplus;
      }
      confirm(feed, envelope);
      note(isReplay ? 'replayed' : 'applied');
      changed(feed);
      // History is for snapshots: whoever listens hears what comes after it began to.
      if (isReplay && cursor.offset <= feed.top) {
        for (const reader of feed.readers) reader.since = endOf(feed);
      } else tell(feed, (on) => on.onEvent?.(envelope, cursor));
    }
    // Only now is it the application's: a stream opened before would have to bring it again.
    moveOn(feed, cursor);
  }

  /** The echo takes the place of the own event. */
  function confirm(feed: Feed, { id, name, channel }: EventEnvelope): void {
    const isOwn = (own: OwnEvent): boolean => own.envelope.id === id;
    if (!feed.own.some(isOwn)) return;
    dropOwn(feed, isOwn);
    tap(() => ({ type: 'emit', id, name, channel, state: 'confirmed' }));
  }

  return receive;
}
