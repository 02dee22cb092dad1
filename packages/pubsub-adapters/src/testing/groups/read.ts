import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { LogModel, publishAll } from '../log-model.ts';

export const readGroup: CheckGroup = {
  name: 'read from a cursor',
  checks: [
    {
      name: 'answers an unused channel with an empty page at its position',
      async run({ adapter, channel }) {
        const page = await adapter.read(channel, { limit: 10 });
        const position = await adapter.position(channel);
        expect(page).toEqual({
          outcome: 'ok',
          entries: [],
          from: position,
          top: position,
          more: false,
        });
      },
    },
    {
      name: 'gives a position that stays until the next publish, and starts there',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        expect(await adapter.position(channel)).toEqual(start);
        const model = new LogModel(start);
        model.accepted.push(...(await publishAll(adapter, channel, 2)));
        expect(await adapter.position(channel)).toEqual(model.top);
        const query = { after: start, limit: 10 };
        model.expectPage(await adapter.read(channel, query), query, adapter.capabilities);
      },
    },
    {
      name: 'gives the newest events where no cursor is given',
      async run({ adapter, channel }) {
        const model = new LogModel(await adapter.position(channel));
        model.accepted.push(...(await publishAll(adapter, channel, 7)));
        for (const limit of [1, 3, 7, 8]) {
          model.expectPage(await adapter.read(channel, { limit }), { limit }, adapter.capabilities);
        }
      },
    },
    {
      name: 'gives what follows each cursor, and nothing after the last',
      async run({ adapter, channel }) {
        const model = new LogModel(await adapter.position(channel));
        model.accepted.push(...(await publishAll(adapter, channel, 5)));
        for (const { cursor } of model.accepted) {
          const query = { after: cursor, limit: 100 };
          model.expectPage(await adapter.read(channel, query), query, adapter.capabilities);
        }
      },
    },
    {
      name: 'pages through the log without a hole or a repeat',
      async run({ adapter, channel }) {
        let after = await adapter.position(channel);
        const accepted = await publishAll(adapter, channel, 10);
        const ids: string[] = [];
        for (let pages = 1; pages <= 4; pages += 1) {
          const page = await adapter.read(channel, { after, limit: 3 });
          expect(page.outcome).toBe('ok');
          expect(page.more).toBe(pages < 4);
          ids.push(...page.entries.map((entry) => entry.id));
          after = page.entries.at(-1)?.cursor ?? after;
        }
        expect(ids).toEqual(accepted.map((event) => event.id));
      },
    },
  ],
};
