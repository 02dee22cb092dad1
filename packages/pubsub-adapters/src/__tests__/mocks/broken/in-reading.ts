import type { Cursor, PubSubAdapter, ReadOptions, ReadPage } from '@hipponot/pubsub-core';
import { broken, type BrokenAdapter } from './broken-adapter.ts';

function withPage(
  inner: PubSubAdapter,
  change: (page: ReadPage, options: ReadOptions, channel: string) => ReadPage | Promise<ReadPage>,
): Partial<PubSubAdapter> {
  return {
    read: async (channel, options) => change(await inner.read(channel, options), options, channel),
  };
}

const oldest: Cursor = { epoch: 'NoSuchEpoch', offset: 0 };

export const brokenInReading: readonly BrokenAdapter[] = [
  broken('passes a gap silently', ['gap', 'random sequences'], (inner) =>
    withPage(inner, (page) => (page.outcome === 'gap' ? { ...page, outcome: 'ok' } : page)),
  ),
  broken('delivers nothing with a gap', ['gap', 'random sequences'], (inner) =>
    withPage(inner, (page) =>
      page.outcome === 'gap' ? { ...page, entries: [], from: page.top, more: false } : page,
    ),
  ),
  broken('places a gap wrongly', ['gap'], (inner) =>
    withPage(inner, (page) =>
      page.outcome === 'gap' ? { ...page, from: { ...page.from, offset: 0 } } : page,
    ),
  ),
  broken('calls everything a gap, and says it is exact', ['gap', 'read from a cursor'], (inner) =>
    withPage(inner, (page) => (page.outcome === 'ok' ? { ...page, outcome: 'gap' } : page)),
  ),
  broken('stops at a position just before the oldest event', ['gap'], (inner) =>
    withPage(inner, async (page, { after }, channel) => {
      const [first] = (await inner.read(channel, { after: oldest, limit: 1 })).entries;
      return after && first && after.offset === first.cursor.offset - 1 && after.offset > 0
        ? { ...page, outcome: 'gap' }
        : page;
    }),
  ),
  broken('ignores retention', ['gap'], (inner) => ({
    publish: (channel, { id, json }) => inner.publish(channel, { id, json }),
  })),
  broken('keeps half of what retention says', ['gap'], (inner) => ({
    publish: (channel, record) =>
      inner.publish(
        channel,
        record.retention?.maxEvents
          ? { ...record, retention: { maxEvents: record.retention.maxEvents / 2 } }
          : record,
      ),
  })),
  broken('passes a foreign epoch silently', ['reset', 'lifecycle'], (inner) =>
    withPage(inner, (page, { after }) =>
      after && after.epoch !== page.top.epoch ? { ...page, outcome: 'ok', from: after } : page,
    ),
  ),
  broken('calls a foreign epoch a gap', ['reset'], (inner) =>
    withPage(inner, (page) => (page.outcome === 'reset' ? { ...page, outcome: 'gap' } : page)),
  ),
  broken('takes a position above the end for the end', ['reset'], (inner) =>
    withPage(inner, (page, { after }) =>
      after && after.epoch === page.top.epoch && after.offset > page.top.offset
        ? { ...page, outcome: 'ok', entries: [], from: after }
        : page,
    ),
  ),
  broken('starts a reset at the end', ['reset'], (inner) =>
    withPage(inner, (page) =>
      page.outcome === 'reset' ? { ...page, entries: [], from: page.top, more: false } : page,
    ),
  ),
  broken('gives more than the limit', ['read from a cursor', 'random sequences'], (inner) => ({
    read: (channel, options) => inner.read(channel, { ...options, limit: options.limit + 1 }),
  })),
  broken('gives the oldest events for the newest', ['read from a cursor'], (inner) => ({
    read: async (channel, options) =>
      options.after
        ? inner.read(channel, options)
        : { ...(await inner.read(channel, { ...options, after: oldest })), outcome: 'ok' },
  })),
  broken('never says that there is more', ['read from a cursor', 'random sequences'], (inner) =>
    withPage(inner, (page) => ({ ...page, more: false })),
  ),
  broken('always says that there is more', ['read from a cursor'], (inner) =>
    withPage(inner, (page) => ({ ...page, more: page.entries.length > 0 })),
  ),
  broken(
    'repeats the event at the cursor',
    ['read from a cursor', 'random sequences'],
    (inner) => ({
      read: (channel, { after, limit }) =>
        inner.read(channel, {
          limit,
          ...(after ? { after: { ...after, offset: Math.max(0, after.offset - 1) } } : {}),
        }),
    }),
  ),
  broken('makes up a position of an unused channel each time', ['read from a cursor'], (inner) => ({
    position: async (channel) => {
      const position = await inner.position(channel);
      return position.offset === 0
        ? { ...position, epoch: Math.random().toString(36).slice(2) }
        : position;
    },
  })),
  broken('trims nothing', ['trim', 'random sequences'], () => ({ trim: async () => {} })),
  broken('trims everything, whatever the position', ['trim', 'random sequences'], (inner) => ({
    trim: (channel) => inner.trim(channel),
  })),
  broken('trims by the offset of another log', ['trim'], (inner) => ({
    trim: async (channel, through) =>
      inner.trim(channel, through && { ...through, epoch: (await inner.position(channel)).epoch }),
  })),
  broken('knows no trim of an unused channel', ['trim'], (inner) => ({
    trim: async (channel, through) => {
      const { entries } = await inner.read(channel, { limit: 1 });
      if (entries.length === 0) throw new Error('no such channel');
      return inner.trim(channel, through);
    },
  })),
  broken('starts to count again after a trim', ['trim'], (inner) => {
    const epochs = new Map<string, string>();
    return {
      trim: async (channel, through) => {
        await inner.trim(channel, through);
        if (!through) epochs.set(channel, Math.random().toString(36));
      },
      position: async (channel) => {
        const position = await inner.position(channel);
        return { ...position, epoch: epochs.get(channel) ?? position.epoch };
      },
    };
  }),
  broken('trims every channel at once', ['trim'], (inner) => {
    const channels = new Set<string>();
    return {
      publish: (channel, record) => {
        channels.add(channel);
        return inner.publish(channel, record);
      },
      trim: async (channel, through) => {
        for (const other of channels) if (other !== channel) await inner.trim(other);
        await inner.trim(channel, through);
      },
    };
  }),
];
