import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { expectEntries, newRecord } from '../log-model.ts';

export const orderGroup: CheckGroup = {
  name: 'order',
  checks: [
    {
      name: 'is one for all subscribers and readers, however many publish at once',
      async run({ channel, nodes, recorder }) {
        const adapters = await nodes();
        const subscribers = [recorder(), recorder(), recorder()];
        for (const [index, seen] of subscribers.entries()) {
          await adapters[index % adapters.length]?.subscribe(channel, seen.deliver);
        }
        const publisher = async (adapter: (typeof adapters)[0]): Promise<void> => {
          for (let count = 0; count < 20; count += 1) await adapter.publish(channel, newRecord());
        };
        await Promise.all(
          [...adapters, ...adapters, ...adapters].map((adapter) => publisher(adapter)),
        );
        const page = await adapters[0].read(channel, { limit: 1000 });
        expect(page.entries).toHaveLength(adapters.length * 60);
        for (const seen of subscribers) {
          await seen.until(page.entries.at(-1)?.id ?? '');
          expect(seen.entries).toEqual(page.entries);
        }
      },
    },
    {
      name: 'is that of the calls where one publisher does not wait for the answers',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const records = Array.from({ length: 30 }, () => newRecord());
        const receipts = await Promise.all(
          records.map((record) => adapter.publish(channel, record)),
        );
        const accepted = records.map((record, index) => ({
          ...record,
          cursor: receipts[index]?.cursor ?? { epoch: '', offset: 0 },
        }));
        await seen.until(records.at(-1)?.id ?? '');
        expectEntries(seen.entries, accepted);
      },
    },
    {
      name: 'holds for events published from inside a delivery',
      async run({ adapter, channel, recorder }) {
        const [early, late] = [recorder(), recorder()];
        await adapter.subscribe(channel, early.deliver);
        const answers: Promise<unknown>[] = [];
        await adapter.subscribe(channel, (entries) => {
          for (const { id } of entries) {
            if (!id.endsWith('-answer'))
              answers.push(adapter.publish(channel, newRecord(`${id}-answer`)));
          }
        });
        await adapter.subscribe(channel, late.deliver);
        const records = Array.from({ length: 5 }, () => newRecord());
        await Promise.all(records.map((record) => adapter.publish(channel, record)));
        const last = `${records.at(-1)?.id}-answer`;
        await Promise.all([early.until(last), late.until(last)]);
        await Promise.all(answers);
        const page = await adapter.read(channel, { limit: 100 });
        expect(page.entries).toHaveLength(10);
        expect(early.entries).toEqual(page.entries);
        expect(late.entries).toEqual(page.entries);
      },
    },
  ],
};
