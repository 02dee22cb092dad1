import { expect } from 'vitest';
import type { PubSubAdapter } from '@hipponot/pubsub-core';
import type { Check, CheckContext, CheckGroup } from '../check.ts';
import { expectEntries, newRecord, publishAll } from '../log-model.ts';

const operations: Readonly<
  Record<string, (adapter: PubSubAdapter, channel: string) => Promise<unknown>>
> = {
  publish: (adapter, channel) => adapter.publish(channel, newRecord()),
  subscribe: (adapter, channel) => adapter.subscribe(channel, () => {}),
  read: (adapter, channel) => adapter.read(channel, { limit: 1 }),
  position: (adapter, channel) => adapter.position(channel),
  trim: (adapter, channel) => adapter.trim(channel),
};

/** Brings an adapter into a state; the returned promise settles what is still under way in it. */
const states: Readonly<
  Record<
    string,
    {
      works: boolean;
      enter: (
        context: CheckContext,
      ) => Promise<{ adapter: PubSubAdapter; settled: Promise<unknown> }>;
    }
  >
> = {
  'not started': {
    works: false,
    enter: async ({ create }) => ({ adapter: create(), settled: Promise.resolve() }),
  },
  starting: {
    works: true,
    async enter({ create }) {
      const adapter = create();
      return { adapter, settled: adapter.start() };
    },
  },
  started: { works: true, enter: async ({ adapter }) => ({ adapter, settled: Promise.resolve() }) },
  stopping: { works: false, enter: async ({ adapter }) => ({ adapter, settled: adapter.stop() }) },
  stopped: {
    works: false,
    async enter({ adapter }) {
      await adapter.stop();
      return { adapter, settled: Promise.resolve() };
    },
  },
  restarted: {
    works: true,
    async enter({ adapter }) {
      await adapter.stop();
      await adapter.start();
      return { adapter, settled: Promise.resolve() };
    },
  },
};

const everyOperationInEveryState: readonly Check[] = Object.entries(states).flatMap(
  ([state, { works, enter }]) => [
    ...Object.entries(operations).map(([operation, call]): Check => ({
      name: `${operation} on an adapter that is ${state} ${works ? 'works' : 'rejects with adapter_state'}`,
      async run(context) {
        const { adapter, settled } = await enter(context);
        const outcome = call(adapter, context.channel);
        if (works) await outcome;
        else
          await expect(outcome).rejects.toMatchObject({
            name: 'PubSubError',
            code: 'adapter_state',
            retryable: true,
          });
        await settled;
      },
    })),
    {
      name: `health of an adapter that is ${state} answers`,
      async run(context) {
        const { adapter, settled } = await enter(context);
        const { status } = await adapter.health();
        if (state === 'started' || state === 'restarted') expect(status).toBe('up');
        else if (!works) expect(status).toBe('down');
        await settled;
      },
    } satisfies Check,
  ],
);

export const lifecycleGroup: CheckGroup = {
  name: 'lifecycle',
  checks: [
    ...everyOperationInEveryState,
    {
      name: 'start twice is start once',
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const [before] = await publishAll(adapter, channel, 1);
        await Promise.all([adapter.start(), adapter.start()]);
        const [after] = await publishAll(adapter, channel, 1);
        await seen.until(after.id);
        expectEntries(seen.entries, [before, after]);
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, [before, after]);
      },
    },
    {
      name: 'stop twice is stop once, and a stop without a start is nothing',
      async run({ adapter, create }) {
        await create().stop();
        await Promise.all([adapter.stop(), adapter.stop()]);
        await adapter.stop();
      },
    },
    {
      name: 'a stop during a start leaves it stopped, a start during a stop leaves it started',
      async run({ create, channel }) {
        const adapter = create();
        const settled = [adapter.start(), adapter.stop()];
        await Promise.all(settled);
        await expect(adapter.position(channel)).rejects.toMatchObject({ code: 'adapter_state' });
        await adapter.start();
        const again = [adapter.stop(), adapter.start()];
        await Promise.all(again);
        await adapter.position(channel);
      },
    },
    {
      name: 'publishes that waited for the start keep their order',
      async run({ create, channel }) {
        const adapter = create();
        const starting = adapter.start();
        const records = Array.from({ length: 5 }, () => newRecord());
        const publishing = records.map((record) => adapter.publish(channel, record));
        await starting;
        const last = newRecord();
        await Promise.all([...publishing, adapter.publish(channel, last)]);
        const { entries } = await adapter.read(channel, { limit: 10 });
        expect(entries.map((entry) => entry.id)).toEqual(
          [...records, last].map((record) => record.id),
        );
      },
    },
    {
      name: 'delivers nothing after stop, nor to old subscribers after a restart',
      async run({ adapter, channel, recorder }) {
        const [old, fresh] = [recorder(), recorder()];
        const leave = await adapter.subscribe(channel, old.deliver);
        const [before] = await publishAll(adapter, channel, 1);
        await old.until(before.id);
        await adapter.stop();
        await adapter.start();
        await adapter.subscribe(channel, fresh.deliver);
        const [after] = await publishAll(adapter, channel, 1);
        await fresh.until(after.id);
        expect(old.ids).toEqual([before.id]);
        leave();
        const [last] = await publishAll(adapter, channel, 1);
        await fresh.until(last.id);
        expect(fresh.ids).toEqual([after.id, last.id]);
      },
    },
    {
      name: 'a restart that loses the log is a reset, also once the new log is as long as the old',
      applies: (capabilities) => capabilities.persistence === 'none',
      async run({ adapter, channel }) {
        const before = await publishAll(adapter, channel, 3);
        await adapter.stop();
        await adapter.start();
        for (let round = 0; round < 2; round += 1) {
          for (const { cursor } of before) {
            expect((await adapter.read(channel, { after: cursor, limit: 10 })).outcome).toBe(
              'reset',
            );
          }
          await publishAll(adapter, channel, 4);
        }
      },
    },
    {
      name: 'a restart keeps the log, its epoch and its offsets',
      applies: (capabilities) => capabilities.persistence !== 'none',
      async run({ adapter, channel }) {
        const before = await publishAll(adapter, channel, 3);
        await adapter.stop();
        await adapter.start();
        const after = await publishAll(adapter, channel, 2);
        const page = await adapter.read(channel, { after: before[0].cursor, limit: 10 });
        expect(page.outcome).toBe('ok');
        expectEntries(page.entries, [...before.slice(1), ...after]);
      },
    },
  ],
};
