import { expect } from 'vitest';
import { formatCursor, parseCursor } from '@hipponot/pubsub-core';
import type { CheckGroup } from '../check.ts';
import { expectEntries, newRecord, publishAll } from '../log-model.ts';

export const publishGroup: CheckGroup = {
  name: 'publish',
  checks: [
    {
      name: 'settles once the event is in the log, with its position',
      async run({ adapter, channel }) {
        const after = await adapter.position(channel);
        const record = newRecord();
        const { cursor, duplicate } = await adapter.publish(channel, record);
        expect(duplicate).toBe(false);
        const page = await adapter.read(channel, { after, limit: 10 });
        expectEntries(page.entries, [{ ...record, cursor }]);
        expect(page.top).toEqual(cursor);
      },
    },
    {
      name: 'counts up within one epoch',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        const accepted = await publishAll(adapter, channel, 5);
        let last = start.offset;
        for (const { cursor } of accepted) {
          expect(cursor.epoch).toBe(start.epoch);
          if (adapter.capabilities.contiguous) expect(cursor.offset).toBe(last + 1);
          else expect(cursor.offset).toBeGreaterThan(last);
          last = cursor.offset;
        }
        expect(accepted[0].cursor.offset).toBeGreaterThanOrEqual(1);
      },
    },
    {
      name: 'gives cursors that survive the wire, with epochs that nobody guesses',
      async run({ adapter, channel }) {
        const { cursor } = await adapter.publish(channel, newRecord());
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
        // 48 random bits are 8 characters of base64url.
        expect(cursor.epoch.length).toBeGreaterThanOrEqual(8);
      },
    },
    {
      name: 'says when it accepted the event',
      async run({ adapter, channel }) {
        await adapter.publish(channel, newRecord());
        const { entries } = await adapter.read(channel, { limit: 1 });
        expect(entries).toHaveLength(1);
        for (const { at } of entries)
          expect(at).toSatisfy((value: number) => Number.isFinite(value) && value > 0);
      },
    },
    {
      name: 'keeps large and odd events byte for byte',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const room = Math.min(65_536, (adapter.capabilities.maxEventBytes ?? Infinity) - 256);
        const { id } = newRecord();
        const json = `{"id":"${id}","__proto__":{"a":1},"a":1,"a":2,"text":"${'x'.repeat(room)}"}`;
        const { cursor } = await adapter.publish(channel, { id, json });
        await seen.until(id);
        expectEntries(seen.entries, [{ id, json, cursor }]);
        expectEntries((await adapter.read(channel, { limit: 1 })).entries, [{ id, json, cursor }]);
      },
    },
    {
      name: 'reaches the subscribers and readers of every node',
      applies: (capabilities) => capabilities.multiNode,
      async run({ channel, nodes, recorder }) {
        const [first, second] = await nodes();
        const seen = recorder();
        await second?.subscribe(channel, seen.deliver);
        const accepted = await publishAll(first, channel, 3);
        await seen.until(accepted.at(-1)?.id ?? '');
        expectEntries(seen.entries, accepted);
        const page = await second?.read(channel, { limit: 10 });
        expectEntries(page?.entries ?? [], accepted);
      },
    },
  ],
};
