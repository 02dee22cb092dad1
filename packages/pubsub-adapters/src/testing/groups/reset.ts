import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { LogModel, publishAll } from '../log-model.ts';

export const resetGroup: CheckGroup = {
  name: 'reset',
  checks: [
    {
      name: 'is said to a cursor of another epoch, whatever its offset',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        const model = new LogModel(start);
        model.accepted.push(...(await publishAll(adapter, channel, 4)));
        for (const offset of [0, start.offset, model.top.offset, model.top.offset + 5]) {
          const query = { after: { epoch: 'AnotherEpoch', offset }, limit: 2 };
          const page = await adapter.read(channel, query);
          expect(page.outcome).toBe('reset');
          model.expectPage(page, query, adapter.capabilities);
        }
      },
    },
    {
      name: 'is said to a position above the end, which must have been lost',
      async run({ adapter, channel }) {
        const model = new LogModel(await adapter.position(channel));
        model.accepted.push(...(await publishAll(adapter, channel, 2)));
        for (const beyond of [1, 1000]) {
          const query = {
            after: { epoch: model.top.epoch, offset: model.top.offset + beyond },
            limit: 10,
          };
          const page = await adapter.read(channel, query);
          expect(page.outcome).toBe('reset');
          model.expectPage(page, query, adapter.capabilities);
        }
      },
    },
    {
      name: 'starts at the oldest event held, or at the end where none is',
      async run({ adapter, channel }) {
        const model = new LogModel(await adapter.position(channel));
        model.accepted.push(...(await publishAll(adapter, channel, 4)));
        const query = { after: { epoch: 'AnotherEpoch', offset: 1 }, limit: 10 };
        for (const through of [model.accepted[1]?.cursor, undefined]) {
          await adapter.trim(channel, through);
          model.trim(through);
          model.expectPage(await adapter.read(channel, query), query, adapter.capabilities);
        }
      },
    },
    {
      name: 'is said on an unused channel, whose end is the position to go on from',
      async run({ adapter, channel }) {
        const page = await adapter.read(channel, {
          after: { epoch: 'AnotherEpoch', offset: 7 },
          limit: 10,
        });
        expect(page.outcome).toBe('reset');
        expect(page.from).toEqual(page.top);
        const [event] = await publishAll(adapter, channel, 1);
        const next = await adapter.read(channel, { after: page.top, limit: 10 });
        expect(next.outcome).toBe('ok');
        expect(next.entries.map((entry) => entry.id)).toEqual([event.id]);
      },
    },
  ],
};
