import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { expectEntries, LogModel, newRecord, publishAll, type Accepted } from '../log-model.ts';

const exact = (capabilities: { gapDetection: string }): boolean =>
  capabilities.gapDetection === 'exact';

export const gapGroup: CheckGroup = {
  name: 'gap',
  checks: [
    {
      name: 'is said to a cursor whose next event is gone; delivery starts at the oldest held',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        const model = new LogModel(start);
        model.accepted.push(...(await publishAll(adapter, channel, 6)));
        const through = model.accepted[3]?.cursor;
        await adapter.trim(channel, through);
        model.trim(through);
        for (const after of [start, ...model.accepted.slice(0, 3).map((event) => event.cursor)]) {
          const page = await adapter.read(channel, { after, limit: 100 });
          expect(page.outcome).toBe('gap');
          model.expectPage(page, { after, limit: 100 }, adapter.capabilities);
        }
      },
    },
    {
      name: 'is said by every page size, with what is left after the page',
      async run({ adapter, channel }) {
        const after = await adapter.position(channel);
        const model = new LogModel(after);
        model.accepted.push(...(await publishAll(adapter, channel, 5)));
        await adapter.trim(channel, model.accepted[1]?.cursor);
        model.trim(model.accepted[1]?.cursor);
        for (const limit of [1, 2, 3, 4]) {
          model.expectPage(
            await adapter.read(channel, { after, limit }),
            { after, limit },
            adapter.capabilities,
          );
        }
      },
    },
    {
      name: 'is said where nothing is left at all',
      async run({ adapter, channel }) {
        const after = await adapter.position(channel);
        const accepted = await publishAll(adapter, channel, 3);
        await adapter.trim(channel);
        const top = accepted.at(-1)?.cursor;
        const page = await adapter.read(channel, { after, limit: 10 });
        expect(page).toEqual({ outcome: 'gap', entries: [], from: top, top, more: false });
      },
    },
    {
      name: 'is not said to a cursor that misses nothing',
      applies: exact,
      async run({ adapter, channel }) {
        const [first, second, third] = await publishAll(adapter, channel, 3);
        await adapter.trim(channel, second?.cursor);
        const atTheEdge = await adapter.read(channel, {
          after: second?.cursor ?? first.cursor,
          limit: 10,
        });
        expect(atTheEdge.outcome).toBe('ok');
        expect(atTheEdge.entries.map((entry) => entry.id)).toEqual([third?.id]);
        await adapter.trim(channel);
        const atTheEnd = await adapter.read(channel, {
          after: third?.cursor ?? first.cursor,
          limit: 10,
        });
        expect(atTheEnd.outcome).toBe('ok');
      },
    },
    {
      name: 'is said of what retention by count has dropped; the newest are held',
      async run({ adapter, channel }) {
        const after = await adapter.position(channel);
        const accepted: Accepted[] = [];
        for (let count = 0; count < 250; count += 1) {
          const record = newRecord();
          const { cursor } = await adapter.publish(channel, {
            ...record,
            retention: { maxEvents: 10 },
          });
          accepted.push({ ...record, cursor });
        }
        const page = await adapter.read(channel, { after, limit: 250 });
        // A backend may trim in blocks, but what it holds is the end of the log, and it says what is gone.
        expect(page.entries.length).toBeGreaterThanOrEqual(10);
        expectEntries(page.entries, accepted.slice(-page.entries.length));
        if (page.entries.length < 250) expect(page.outcome).toBe('gap');
        if (exact(adapter.capabilities)) expect(page.entries.length).toBeLessThan(250);
      },
    },
  ],
};
