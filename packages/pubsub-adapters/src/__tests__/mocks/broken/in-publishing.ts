import type { Cursor, LogEntry, PubSubAdapter, ReadPage } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import { broken, type BrokenAdapter } from './broken-adapter.ts';

function withEntries(
  inner: PubSubAdapter,
  change: (entry: LogEntry) => LogEntry,
): Partial<PubSubAdapter> {
  return {
    subscribe: (channel, deliver) =>
      inner.subscribe(channel, (entries) => deliver(entries.map(change))),
    read: async (channel, options) => {
      const page = await inner.read(channel, options);
      return { ...page, entries: page.entries.map(change) };
    },
  };
}

function withCursors(
  inner: PubSubAdapter,
  out: (cursor: Cursor) => Cursor,
  into: (cursor: Cursor) => Cursor,
): Partial<PubSubAdapter> {
  const page = (given: ReadPage): ReadPage => ({
    ...given,
    from: out(given.from),
    top: out(given.top),
  });
  const entries = withEntries(
    {
      ...inner,
      read: async (channel, { after, limit }) =>
        page(await inner.read(channel, { limit, ...(after ? { after: into(after) } : {}) })),
    },
    (entry) => ({ ...entry, cursor: out(entry.cursor) }),
  );
  return {
    ...entries,
    publish: async (channel, record) => {
      const receipt = await inner.publish(channel, record);
      return { ...receipt, cursor: out(receipt.cursor) };
    },
    position: async (channel) => out(await inner.position(channel)),
  };
}

export const brokenInPublishing: readonly BrokenAdapter[] = [
  broken('settles before it has stored', ['publish'], (inner) => ({
    publish: async (channel, record) => {
      const { epoch, offset } = await inner.position(channel);
      setImmediate(() => void inner.publish(channel, record).catch(() => {}));
      return { cursor: { epoch, offset: offset + 1 }, duplicate: false };
    },
  })),
  broken('leaves holes between offsets that it calls contiguous', ['publish'], (inner) =>
    withCursors(
      inner,
      (cursor) => ({ ...cursor, offset: cursor.offset * 2 }),
      (cursor) => ({ ...cursor, offset: Math.floor(cursor.offset / 2) }),
    ),
  ),
  broken('has epochs that do not survive the wire', ['publish'], (inner) =>
    withCursors(
      inner,
      (cursor) => ({ ...cursor, epoch: `a:${cursor.epoch}` }),
      (cursor) => ({ ...cursor, epoch: cursor.epoch.slice(2) }),
    ),
  ),
  broken('knows no time', ['publish'], (inner) =>
    withEntries(inner, (entry) => ({ ...entry, at: NaN })),
  ),
  broken('parses the event and writes it again', ['publish', 'subscribe'], (inner) => ({
    publish: (channel, record) =>
      inner.publish(channel, { ...record, json: JSON.stringify(JSON.parse(record.json)) }),
  })),
  broken('stamps live entries itself', ['subscribe'], (inner) => ({
    subscribe: (channel, deliver) =>
      inner.subscribe(channel, (entries) =>
        deliver(entries.map((entry) => ({ ...entry, at: entry.at - 1 }))),
      ),
  })),
  broken('calls itself multi-node and is not', ['publish'], (inner) => ({
    capabilities: { ...inner.capabilities, multiNode: true },
  })),
  broken('appends concurrent publishes in any order', ['order'], (inner) => {
    let turn = 0;
    return {
      publish: async (channel, record) => {
        turn += 1;
        for (let wait = turn % 3; wait < 3; wait += 1) await Promise.resolve();
        return inner.publish(channel, record);
      },
    };
  }),
  broken('forgets every id though it announces a window', ['idempotency'], (inner, hooks) => ({
    ...memory({ ...hooks, idempotencyWindowMs: 0 }),
    capabilities: inner.capabilities,
  })),
  broken('announces no window and drops repeated ids all the same', ['idempotency'], (inner) => ({
    capabilities: { ...inner.capabilities, idempotencyWindowMs: 0 },
  })),
  broken(
    'answers a duplicate with the position of now',
    ['idempotency', 'random sequences'],
    (inner) => ({
      publish: async (channel, record) => ({
        ...(await inner.publish(channel, record)),
        cursor: await inner.position(channel),
      }),
    }),
  ),
  broken('looks an id up and appends it in two steps', ['idempotency'], (inner, hooks) => {
    const forgetful = memory({ ...hooks, idempotencyWindowMs: 0 });
    const seen = new Map<string, Cursor>();
    return {
      ...forgetful,
      capabilities: inner.capabilities,
      publish: async (channel, record) => {
        const first = await Promise.resolve(seen.get(channel + record.id));
        if (first) return { cursor: first, duplicate: true };
        const receipt = await forgetful.publish(channel, record);
        seen.set(channel + record.id, receipt.cursor);
        return receipt;
      },
    };
  }),
  broken('delivers a duplicate again', ['idempotency'], (inner) => {
    const live = new Map<string, (entries: readonly LogEntry[]) => void>();
    return {
      subscribe: (channel, deliver) => {
        live.set(channel, deliver);
        return inner.subscribe(channel, deliver);
      },
      publish: async (channel, record) => {
        const receipt = await inner.publish(channel, record);
        if (receipt.duplicate) live.get(channel)?.([{ ...record, cursor: receipt.cursor, at: 1 }]);
        return receipt;
      },
    };
  }),
  broken(
    'looks for repeated ids in the history alone',
    ['idempotency', 'random sequences'],
    (inner, hooks) => {
      const forgetful = memory({ ...hooks, idempotencyWindowMs: 0 });
      return {
        ...forgetful,
        capabilities: inner.capabilities,
        publish: async (channel, record) => {
          const { entries } = await forgetful.read(channel, { limit: 1000 });
          const first = entries.find((entry) => entry.id === record.id);
          return first
            ? { cursor: first.cursor, duplicate: true }
            : forgetful.publish(channel, record);
        },
      };
    },
  ),
  broken('knows one window for all channels', ['idempotency'], (inner) => {
    const seen = new Map<string, Cursor>();
    return {
      publish: async (channel, record) => {
        const first = seen.get(record.id);
        if (first) return { cursor: first, duplicate: true };
        const receipt = await inner.publish(channel, record);
        seen.set(record.id, receipt.cursor);
        return receipt;
      },
    };
  }),
];
