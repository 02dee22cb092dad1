import { expect } from 'vitest';
import type { LogEntry } from '@hipponot/pubsub-core';
import type { CheckGroup } from '../check.ts';
import { expectEntries, newRecord, publishAll } from '../log-model.ts';

export const failureGroup: CheckGroup = {
  name: 'failure',
  checks: [
    {
      name: 'a read with a senseless limit is refused, and the adapter goes on',
      async run({ adapter, channel }) {
        for (const limit of [0, -1, 1.5, NaN]) {
          await expect(adapter.read(channel, { limit })).rejects.toMatchObject({
            name: 'PubSubError',
            code: 'bad_options',
          });
        }
        const accepted = await publishAll(adapter, channel, 1);
        expectEntries((await adapter.read(channel, { limit: 10 })).entries, accepted);
      },
    },
    {
      name: 'a publish with a senseless retention is refused and leaves no trace',
      async run({ adapter, channel }) {
        const start = await adapter.position(channel);
        for (const retention of [
          { maxEvents: -1 },
          { maxEvents: NaN },
          { maxAgeMs: -1 },
          { maxAgeMs: NaN },
        ]) {
          await expect(
            adapter.publish(channel, { ...newRecord(), retention }),
          ).rejects.toMatchObject({
            name: 'PubSubError',
            code: 'bad_options',
          });
        }
        expect(await adapter.position(channel)).toEqual(start);
      },
    },
    {
      name: 'operations that meet a stop all settle, as accepted or as adapter_state',
      async run({ adapter, channel }) {
        const publishing = Array.from({ length: 20 }, () => adapter.publish(channel, newRecord()));
        const stopping = adapter.stop();
        const late = Array.from({ length: 20 }, () => adapter.publish(channel, newRecord()));
        const [early, refused] = await Promise.all([
          Promise.allSettled(publishing),
          Promise.allSettled(late),
        ]);
        await stopping;
        for (const outcome of early) {
          if (outcome.status === 'rejected')
            expect(outcome.reason).toMatchObject({ name: 'PubSubError' });
        }
        for (const outcome of refused)
          expect(outcome).toMatchObject({ reason: { code: 'adapter_state' } });
      },
    },
    {
      name: 'health says when the backend is out of reach, and when it is back',
      disturbs: true,
      async run({ adapter, disturb, eventually }) {
        const heal = await disturb?.();
        await eventually('health is down', async () => (await adapter.health()).status === 'down');
        await heal?.();
        await eventually('health is up', async () => (await adapter.health()).status === 'up');
      },
    },
    {
      name: 'a publish that meets an unreachable backend is stored, or refused as retryable: never lost as accepted',
      disturbs: true,
      async run({ adapter, channel, disturb, eventually }) {
        const before = await publishAll(adapter, channel, 1);
        const heal = await disturb?.();
        const record = newRecord();
        const publishing = Promise.allSettled([adapter.publish(channel, record)]);
        await heal?.();
        const [outcome] = await publishing;
        await eventually('health is up', async () => (await adapter.health()).status === 'up');
        const log = async (): Promise<string[]> =>
          (await adapter.read(channel, { limit: 10 })).entries.map((entry) => entry.id);
        const whole = [before[0].id, record.id];
        if (outcome.status === 'fulfilled') expect(await log()).toEqual(whole);
        else expect(outcome.reason).toMatchObject({ name: 'PubSubError', retryable: true });
        if (adapter.capabilities.idempotencyWindowMs === 0) return;
        // The same id once more: whatever became of the first try, the event is there once.
        await adapter.publish(channel, record);
        expect(await log()).toEqual(whole);
      },
    },
    {
      name: 'a subscriber misses nothing across a break: live, or told to read again',
      disturbs: true,
      async run({ adapter, channel, disturb, recorder, eventually, nodes }) {
        const publisher = (await nodes()).at(-1) ?? adapter;
        const seen = recorder();
        const links: string[] = [];
        const unlisten = adapter.onLink?.((event) => links.push(event));
        const start = await adapter.position(channel);
        await adapter.subscribe(channel, seen.deliver);
        const [first] = await publishAll(publisher, channel, 1);
        await seen.until(first.id);
        const heal = await disturb?.();
        // Some backends take publishes from elsewhere during the break; whether this one did is read below.
        const meanwhile = Promise.allSettled([publisher.publish(channel, newRecord())]);
        await heal?.();
        await meanwhile;
        await eventually('health is up', async () => (await adapter.health()).status === 'up');
        const tail = await publishAll(publisher, channel, 2);
        await seen.until(tail.at(-1)?.id ?? '');
        const log = (await adapter.read(channel, { after: start, limit: 100 })).entries;
        if (links.includes('interrupted')) {
          // What came live, and what one reads again on `resumed`, leave no hole together.
          await eventually(
            'resumed is said',
            () => links.lastIndexOf('resumed') > links.lastIndexOf('interrupted'),
          );
          expect(log.map((entry) => entry.cursor.offset)).toEqual(
            expect.arrayContaining(seen.offsets),
          );
          expect(seen.offsets).toEqual(sortedOnce(seen.entries));
        } else expect(seen.entries).toEqual(log);
        unlisten?.();
      },
    },
  ],
};

function sortedOnce(entries: readonly LogEntry[]): number[] {
  return [...new Set(entries.map((entry) => entry.cursor.offset))].toSorted(
    (left, right) => left - right,
  );
}
