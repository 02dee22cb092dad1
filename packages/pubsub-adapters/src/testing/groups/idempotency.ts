import { expect } from 'vitest';
import type { AdapterCapabilities } from '@hipponot/pubsub-core';
import type { CheckGroup } from '../check.ts';
import { expectEntries, newRecord, publishAll } from '../log-model.ts';

const remembers = ({ idempotencyWindowMs }: AdapterCapabilities): boolean =>
  idempotencyWindowMs > 0;

export const idempotencyGroup: CheckGroup = {
  name: 'idempotency',
  checks: [
    {
      name: 'answers a repeated id with the first position, and neither stores nor delivers it again',
      applies: remembers,
      async run({ adapter, channel, recorder }) {
        const seen = recorder();
        await adapter.subscribe(channel, seen.deliver);
        const [event, between] = await publishAll(adapter, channel, 2);
        for (const json of [event.json, '{"another":"body"}']) {
          const receipt = await adapter.publish(channel, { id: event.id, json });
          expect(receipt).toEqual({ cursor: event.cursor, duplicate: true });
        }
        const [last] = await publishAll(adapter, channel, 1);
        await seen.until(last.id);
        const all = between ? [event, between, last] : [];
        expectEntries(seen.entries, all);
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, all);
      },
    },
    {
      name: 'accepts one of many that come at once, on whichever node',
      applies: remembers,
      async run({ channel, nodes, recorder }) {
        const adapters = await nodes();
        const seen = recorder();
        await adapters[0].subscribe(channel, seen.deliver);
        const record = newRecord();
        const racing = Array.from(
          { length: 10 },
          (_, index) => adapters[index % adapters.length] ?? adapters[0],
        );
        const receipts = await Promise.all(
          racing.map((adapter) => adapter.publish(channel, record)),
        );
        expect(receipts.filter((receipt) => !receipt.duplicate)).toHaveLength(1);
        const cursor = receipts[0]?.cursor ?? { epoch: '', offset: 0 };
        for (const receipt of receipts) expect(receipt.cursor).toEqual(cursor);
        const [last] = await publishAll(adapters[0], channel, 1);
        await seen.until(last.id);
        expectEntries(seen.entries, [{ ...record, cursor }, last]);
      },
    },
    {
      name: 'remembers an id whose event was trimmed',
      applies: remembers,
      async run({ adapter, channel }) {
        const [event] = await publishAll(adapter, channel, 1);
        await adapter.trim(channel);
        expect(await adapter.publish(channel, event)).toEqual({
          cursor: event.cursor,
          duplicate: true,
        });
        expect((await adapter.read(channel, { limit: 10 })).entries).toEqual([]);
      },
    },
    {
      name: 'is of one channel: the same id elsewhere is another event',
      async run({ adapter, channel, newChannel }) {
        const other = newChannel();
        const record = newRecord();
        await adapter.publish(channel, record);
        const { cursor, duplicate } = await adapter.publish(other, record);
        expect(duplicate).toBe(false);
        expectEntries((await adapter.read(other, { limit: 10 })).entries, [{ ...record, cursor }]);
      },
    },
    {
      name: 'is not claimed where no id is remembered',
      applies: (capabilities) => !remembers(capabilities),
      async run({ adapter, channel }) {
        const [event] = await publishAll(adapter, channel, 1);
        const { cursor, duplicate } = await adapter.publish(channel, event);
        expect(duplicate).toBe(false);
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, [
          event,
          { ...event, cursor },
        ]);
      },
    },
  ],
};
