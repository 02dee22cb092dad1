import { expect } from 'vitest';
import type { CheckGroup } from '../check.ts';
import { expectEntries, newRecord, publishAll } from '../log-model.ts';

export const subscribeGroup: CheckGroup = {
  name: 'subscribe',
  checks: [
    {
      name: 'delivers every event accepted after it resolved, once',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const accepted = await publishAll(adapter, channel, 5);
        await seen.until(accepted.at(-1)?.id ?? '');
        expectEntries(seen.entries, accepted);
      },
    },
    {
      name: 'delivers the entries that a read gives',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const accepted = await publishAll(adapter, channel, 3);
        await seen.until(accepted.at(-1)?.id ?? '');
        expect(seen.entries).toEqual((await adapter.read(channel, { limit: 10 })).entries);
      },
    },
    {
      name: 'serves every subscriber of a channel, also one function that subscribed twice',
      async run({ adapter, channel, recorder }) {
        const [once, twice] = [recorder(), recorder()];
        await adapter.subscribe(channel, once.deliver);
        const leave = await adapter.subscribe(channel, twice.deliver);
        await adapter.subscribe(channel, twice.deliver);
        const [first] = await publishAll(adapter, channel, 1);
        await Promise.all([once.until(first.id), twice.until(first.id)]);
        leave();
        const [second] = await publishAll(adapter, channel, 1);
        await Promise.all([once.until(second.id), twice.until(second.id)]);
        expect(once.ids).toEqual([first.id, second.id]);
        expect(twice.ids).toEqual([first.id, first.id, second.id]);
      },
    },
    {
      name: 'delivers nothing after leaving, and leaving twice takes nobody along',
      async run({ adapter, channel, recorder }) {
        const [left, stays] = [recorder(), recorder()];
        const leave = await adapter.subscribe(channel, left.deliver);
        await adapter.subscribe(channel, stays.deliver);
        const [before] = await publishAll(adapter, channel, 1);
        await Promise.all([left.until(before.id), stays.until(before.id)]);
        leave();
        leave();
        const [after] = await publishAll(adapter, channel, 1);
        await stays.until(after.id);
        expect(left.ids).toEqual([before.id]);
      },
    },
    {
      name: 'delivers nothing after leaving, not even what was accepted before',
      async run({ adapter, channel, recorder }) {
        const [left, stays] = [recorder(), recorder()];
        const leave = await adapter.subscribe(channel, left.deliver);
        await adapter.subscribe(channel, stays.deliver);
        const record = newRecord();
        const publishing = adapter.publish(channel, record);
        leave();
        const seen = left.ids.length;
        await publishing;
        await stays.until(record.id);
        expect(left.ids).toHaveLength(seen);
      },
    },
    {
      name: 'lets a subscriber leave, and send another away, from inside a delivery',
      async run({ adapter, channel, recorder }) {
        const [victim, stays] = [recorder(), recorder()];
        const leaves: (() => void)[] = [];
        let calls = 0;
        let servedBefore = 0;
        leaves.push(
          await adapter.subscribe(channel, () => {
            calls += 1;
            servedBefore = victim.ids.length;
            for (const leave of leaves) leave();
          }),
        );
        leaves.push(await adapter.subscribe(channel, victim.deliver));
        await adapter.subscribe(channel, stays.deliver);
        const accepted = await publishAll(adapter, channel, 3);
        await stays.until(accepted.at(-1)?.id ?? '');
        expectEntries(stays.entries, accepted);
        expect(calls).toBe(1);
        // Which of the two is served first is open; after being sent away nothing comes.
        expect(victim.ids).toHaveLength(servedBefore);
      },
    },
    {
      name: 'keeps delivering when the last subscriber leaves as the next one comes',
      async run({ adapter, channel, recorder }) {
        const [first, second] = [recorder(), recorder()];
        const leave = await adapter.subscribe(channel, first.deliver);
        const joining = adapter.subscribe(channel, second.deliver);
        leave();
        await joining;
        const accepted = await publishAll(adapter, channel, 3);
        await second.until(accepted.at(-1)?.id ?? '');
        expectEntries(second.entries, accepted);
      },
    },
    {
      name: 'keeps the log when the last subscriber leaves',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        const leave = await adapter.subscribe(channel, seen.deliver);
        const accepted = await publishAll(adapter, channel, 3);
        await seen.until(accepted.at(-1)?.id ?? '');
        leave();
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, accepted);
        expect(await adapter.position(channel)).toEqual(accepted.at(-1)?.cursor);
      },
    },
  ],
};
