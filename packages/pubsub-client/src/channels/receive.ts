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
import { endOf, isPast, moveOn, type Feed, type Listener } from './feed.ts';

/** What is wrong with an event's payload, if the contract is there to tell. */
export type Check = (event: Pick<EventEnvelope, 'name' | 'payload'>) => PubSubError | undefined;

/** What a feed's frames lead to outside of it. */
export interface Receiving {
  readonly check: Check;
  /** Events that do not fit are told of and passed on all the same. */
  readonly passInvalid: boolean;
  /** Calls each listener of the feed. */
  readonly tell: (feed: Feed, call: (on: Listener) => void) => void;
  /** Nothing is replayed any more: what stores lack can be asked for. */
  readonly caughtUp: (feed: Feed) => void;
  readonly tap: Tap;
}

/** Makes the function that applies one frame of a stream to the feed it is about. */
export function createReceive({
  check,
  passInvalid,
  tell,
  caughtUp,
  tap,
}: Receiving): (feed: Feed, stream: number, frame: Frame) => void {
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
    if (outcome !== 'fresh') tell(feed, (on) => on.onGap?.(recovery));
    if (feed.status === 'live') conclude(feed);
    moveOn(feed, position);
  }

  function conclude(feed: Feed): void {
    const { channel, position } = feed;
    const recovery: Recovery = { outcome: 'fresh', replayed: 0, ...feed.recovery, to: position };
    feed.recovery = recovery;
    tap(() => ({ type: 'recovery', channel, recovery }));
    tell(feed, (on) => on.onRecovery?.(recovery));
  }

  function fail(feed: Feed, error: PubSubError): void {
    feed.error = error;
    tell(feed, (on) => on.onError?.(error));
  }

  function deliver(feed: Feed, { cursor, envelope: sent }: EventFrame): void {
    const { channel, position } = feed;
    let envelope = sent;
    const note = (disposition: Disposition): void =>
      tap(() => ({ type: 'delivery', channel, cursor, envelope, disposition }));
    if (isPast(feed, cursor)) return note('duplicate');
    const { epoch, offset } = cursor;
    if (position?.epoch !== epoch) {
      // The server did not say so, but offsets of two logs cannot be compared: what was before is gone.
      resume(
        feed,
        { epoch, offset: offset - 1 },
        { outcome: 'reset', replayed: 0, reason: 'epoch' },
      );
    }

    const error = check(sent);
    if (error) {
      note('invalid');
      fail(feed, error);
    }
    if (!error || passInvalid) {
      const isReplay = feed.status === 'replaying';
      if (isReplay && feed.recovery) {
        feed.recovery = { ...feed.recovery, replayed: feed.recovery.replayed + 1 };
        envelope = { ...sent, meta: { ...sent.meta, replayed: true } };
      }
      feed.events.push(envelope);
      // Cut rarely, so that an event costs no copy of the list.
      const surplus = feed.events.length - feed.limit;
      if (surplus > feed.limit + 16) {
        feed.events.splice(0, surplus);
        feed.first += surplus;
      }
      const { id, name } = sent;
      if (feed.overlay?.passed(feed, sent)) {
        tap(() => ({ type: 'emit', id, name, channel, state: 'confirmed' }));
      }
      note(isReplay ? 'replayed' : 'applied');
      // History is for snapshots: whoever listens hears what comes after it began to.
      if (isReplay && offset <= feed.top)
        for (const reader of feed.readers) reader.since = endOf(feed);
      else tell(feed, (on) => on.onEvent?.(envelope, cursor));
    }
    // Only now is it the application's: a stream opened before would have to bring it again.
    moveOn(feed, cursor);
    feed.changed();
  }

  return (feed, stream, frame) => {
    // A channel belongs to the newest stream that answered for it: what an older one still carries would
    // come out of order, or from a log that is no more.
    const isAnswer = frame.type === 'attached' || frame.type === 'denied';
    if (isAnswer ? stream < feed.owner : stream !== feed.owner) return;
    feed.owner = stream;
    if (isAnswer) feed.base = feed.asked;
    const { status } = feed;

    switch (frame.type) {
      case 'attached': {
        const { outcome, reason } = frame;
        const from = parseCursor(frame.from);
        // A log that fell behind the very position that was asked for is news, though it ends before it.
        const fellBack = outcome === 'reset' && from?.epoch === feed.base?.epoch;
        const isWhole = outcome === 'recovered' || (isPast(feed, from) && !fellBack);
        // Handed over from stream to stream without a break: nothing to tell.
        if (isWhole && (status === 'live' || status === 'replaying')) return;
        feed.status = 'replaying';
        feed.error = undefined;
        feed.top = -1;
        if (isWhole) feed.recovery = { outcome: 'recovered', replayed: 0, from };
        else {
          if (outcome !== 'gap') {
            feed.top = parseCursor(frame.top)?.offset ?? -1;
            for (const reader of feed.readers) reader.lacks = reader.history > feed.begun;
          }
          resume(feed, from, {
            outcome,
            replayed: 0,
            from: outcome === 'fresh' ? undefined : from,
            reason,
          });
        }
        break;
      }

      case 'live':
        moveOn(feed, parseCursor(frame.to));
        caughtUp(feed);
        if (status !== 'replaying') return;
        feed.status = 'live';
        conclude(feed);
        break;

      case 'gap': {
        const { outcome, reason } = frame;
        const to = parseCursor(frame.to);
        if (isPast(feed, to)) return;
        const replayed = status === 'live' ? 0 : (feed.recovery?.replayed ?? 0);
        resume(feed, to, { outcome, replayed, from: parseCursor(frame.from), to, reason });
        break;
      }

      case 'denied':
      case 'revoked': {
        const { code, message, retryable } = frame;
        feed.status = retryable ? 'error' : 'denied';
        fail(feed, new PubSubError(code as ErrorCode, message, { retryable }));
        break;
      }

      case 'event':
        return deliver(feed, frame);

      case 'hello':
      case 'drain':
      case 'heartbeat':
        return;

      default:
        return frame satisfies never;
    }
    feed.changed();
  };
}
