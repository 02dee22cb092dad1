import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { expectEntries, LogModel, publishAll } from '../log-model.ts';

export const trimGroup: CheckGroup = {
  name: 'trim',
  checks: [
    {
      name: 'of everything keeps the epoch and the offset',
      async run({ adapter, channel }) {
        const accepted = await publishAll(adapter, channel, 3);
        await adapter.trim(channel);
        expect((await adapter.read(channel, { limit: 10 })).entries).toEqual([]);
        const top = await adapter.position(channel);
        expect(top).toEqual(accepted.at(-1)?.cursor);
        const [next] = await publishAll(adapter, channel, 1);
        expect(next.cursor.epoch).toBe(top.epoch);
        expect(next.cursor.offset).toBeGreaterThan(top.offset);
        if (adapter.capabilities.contiguous) expect(next.cursor.offset).toBe(top.offset + 1);
      },
    },
    {
      name: 'drops up to and including the given position, however often',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        const model = new LogModel(start);
        model.accepted.push(...(await publishAll(adapter, channel, 5)));
        const [first, , third] = model.accepted;
        const query = { after: start, limit: 10 };
        // Forward, again, and back: to drop what is gone already is nothing.
        for (const through of [start, third?.cursor, third?.cursor, first?.cursor, start]) {
          await adapter.trim(channel, through);
          if (through) model.trim(through);
          model.expectPage(await adapter.read(channel, query), query, adapter.capabilities);
        }
      },
    },
    {
      name: 'through a position of another log drops nothing',
      async run({ adapter, channel }) {
        const accepted = await publishAll(adapter, channel, 3);
        await adapter.trim(channel, {
          epoch: 'AnotherEpoch',
          offset: accepted.at(-1)?.cursor.offset ?? 0,
        });
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, accepted);
      },
    },
    {
      name: 'of an unused channel is no error',
      async run({ adapter, channel }) {
        await adapter.trim(channel);
        const start = await adapter.position(channel);
        await adapter.trim(channel, start);
        expect(await adapter.position(channel)).toEqual(start);
      },
    },
    {
      name: 'touches no other channel and no live subscriber',
      async run({ adapter, channel, newChannel, recorder }) {
        const other = newChannel();
        const kept = await publishAll(adapter, other, 2);
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const before = await publishAll(adapter, channel, 2);
        await adapter.trim(channel);
        const after = await publishAll(adapter, channel, 2);
        await seen.until(after.at(-1)?.id ?? '');
        expectEntries(seen.entries, [...before, ...after]);
        expectEntries((await adapter.read(other, { limit: 10 })).entries, kept);
      },
    },
  ],
};
