import {
  formatCursor,
  type Cursor,
  type PubSubAdapter,
  type ReadPage,
  type RecoveryOutcome,
} from '@hipponot/pubsub-core';
import type { Limits } from '../limits.ts';
import type { FeedListener, Hole } from './channel-feed.ts';
import type { Feeds } from './feeds.ts';
import type { Frame, FrameCache } from './frame.ts';
import { LiveBuffer } from './live-buffer.ts';
import type { Outlet, Subscription } from './subscription.ts';

/** Where a client wants a channel to start. */
export interface AttachRequest {
  readonly channel: string;
  /** The last event it has. Absent: as fresh. */
  readonly cursor?: Cursor | undefined;
  /** Events from before, where delivery is as fresh. */
  readonly history: number;
  /** Why the position it had cannot be read: answered with `reset`. */
  readonly unreadable?: string | undefined;
  /** The user may subscribe but not read the past: what was missed is a `gap`. */
  readonly replayDenied?: boolean | undefined;
}

/** What attaching needs of its server. */
export interface AttachDeps {
  readonly adapter: PubSubAdapter;
  readonly feeds: Feeds;
  readonly frames: FrameCache;
  readonly limits: Limits;
}

/**
 * Attaches a channel in the order of wire.md 4, so that nothing falls between past and present: live
 * delivery into a bounded buffer, then the log after the cursor, then what the buffer holds beyond it,
 * then live. An overflown buffer is dropped and paging goes on: all it held is in the log.
 *
 * Rejects if the backend does; the caller then refuses the channel.
 */
export async function attach(
  subscription: Subscription,
  request: AttachRequest,
  deps: AttachDeps,
): Promise<void> {
  // Closed while the policy was asked: joining now would leave a listener behind.
  if (subscription.closed) return;
  const held = new LiveBuffer<Frame | Hole>(deps.limits.replayBuffer, deps.limits.bufferedBytes);
  subscription.hold = holdInto(held);
  const feed = deps.feeds.join(subscription.channel, subscription);
  subscription.onClose = () => deps.feeds.leave(feed, subscription);
  await feed.ready;

  held.beginRead();
  const start = await findStart(request, feed.position, deps);
  if (subscription.closed) return;
  const { channel, outlet } = subscription;
  await roomIn(outlet);
  if (subscription.closed) return;
  const { outcome, from, top, reason } = start;
  subscription.position = from;
  outlet.control('attached', {
    channel,
    outcome,
    from: formatCursor(from),
    ...(top ? { top: formatCursor(top) } : {}),
    ...(reason ? { reason } : {}),
  });

  let replayed = 0;
  let page = start.page;
  for (;;) {
    for (const entry of page.entries) {
      await roomIn(outlet);
      if (subscription.closed) return;
      if (subscription.send(deps.frames.frameOf(channel, entry))) replayed += 1;
    }
    if (!page.more && !held.overflowed) break;
    held.beginRead();
    page = await nextPage(subscription, subscription.position, deps);
    if (subscription.closed) return;
  }

  outlet.control('live', { channel, replayed, to: formatCursor(subscription.position) });
  subscription.hold = undefined;
  // No await since the last look at the buffer: nothing can have come in between.
  for (const item of held.take()) {
    if ('bytes' in item) subscription.send(item);
    else subscription.tellHole(item);
  }
}

// Asked again after each wait: other channels of the stream may have taken the room meanwhile.
async function roomIn(outlet: Outlet): Promise<void> {
  for (let wait = outlet.room(); wait; wait = outlet.room()) await wait;
}

type Page = Pick<ReadPage, 'entries' | 'more'>;

interface Start {
  readonly outcome: RecoveryOutcome;
  readonly from: Cursor;
  /** Where history ends, if some was asked for. */
  readonly top?: Cursor;
  readonly reason?: string;
  readonly page: Page;
}

const nothing: Page = { entries: [], more: false };

/** @param live the feed's position: everything after it will be delivered */
async function findStart(
  request: AttachRequest,
  live: Cursor | undefined,
  deps: AttachDeps,
): Promise<Start> {
  const { adapter, limits } = deps;
  const { channel, cursor, unreadable } = request;
  // The feed delivers everything after its position, so that a fresh start costs no read.
  const now = live ?? (await adapter.position(channel));
  if (unreadable !== undefined)
    return { ...(await asFresh(request, now, deps)), outcome: 'reset', reason: unreadable };
  if (!cursor) return { ...(await asFresh(request, now, deps)), outcome: 'fresh' };
  if (now.epoch === cursor.epoch && now.offset === cursor.offset)
    return { outcome: 'recovered', from: cursor, page: nothing };
  if (request.replayDenied) {
    const outcome = now.epoch === cursor.epoch ? 'gap' : 'reset';
    return { outcome, from: now, reason: 'this user may not replay the channel', page: nothing };
  }
  const page = await adapter.read(channel, { after: cursor, limit: limits.replayPage });
  if (page.outcome === 'ok') return { outcome: 'recovered', from: cursor, page };
  if (page.outcome === 'gap') {
    return {
      outcome: 'gap',
      from: page.from,
      reason: 'events after the cursor were trimmed',
      page,
    };
  }
  const reason =
    page.top.epoch === cursor.epoch
      ? 'the cursor is above the end of the log'
      : 'the log was recreated';
  return { ...(await asFresh(request, page.top, deps)), outcome: 'reset', reason };
}

async function asFresh(
  request: AttachRequest,
  now: Cursor,
  { adapter }: AttachDeps,
): Promise<{ from: Cursor; top?: Cursor; page: Page }> {
  if (request.history === 0 || request.replayDenied) return { from: now, page: nothing };
  const page = await adapter.read(request.channel, { limit: request.history });
  return { from: page.from, top: page.top, page };
}

async function nextPage(
  subscription: Subscription,
  after: Cursor,
  { adapter, limits }: AttachDeps,
): Promise<Page> {
  const page = await adapter.read(subscription.channel, { after, limit: limits.replayPage });
  if (page.outcome === 'gap') {
    subscription.tellHole({
      to: page.from,
      reason: 'events were trimmed while they were replayed',
    });
  } else if (page.outcome === 'reset') {
    subscription.tellHole({ to: page.top, reason: 'the log was recreated' });
    return nothing;
  }
  return page;
}

function holdInto(held: LiveBuffer<Frame | Hole>): FeedListener {
  return {
    frame: (frame) => held.push(frame, frame.bytes.length),
    hole: (hole) => held.push(hole, 0),
  };
}
