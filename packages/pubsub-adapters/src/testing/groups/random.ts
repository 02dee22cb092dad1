import fc from 'fast-check';
import { expect } from 'vitest';
import type { Cursor, LogEntry, PubSubAdapter } from '@hipponot/pubsub-core';
import type { CheckGroup } from '../check.ts';
import { expectEntries, LogModel, newRecord } from '../log-model.ts';
import type { Recorder } from '../recorder.ts';

// Positions are drawn as a share of the log so far, so that a shrunken sequence still means something.
const share = fc.double({ min: 0, max: 1, noNaN: true });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), share }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      after: fc.option(share),
      limit: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('trim' as const), through: fc.option(share) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('subscribe' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Live {
  readonly seen: Recorder;
  readonly since: number;
  readonly leave: () => void;
}

export const randomGroup: CheckGroup = {
  name: 'random sequences',
  checks: [
    {
      name: 'of publish, repeat, read, trim, subscribe and leave agree with a plain list',
      async run({ adapter, newChannel, recorder, random }) {
        const property = fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
          (steps) => followList(adapter, newChannel(), steps, recorder),
        );
        await fc.assert(property, random);
      },
    },
    {
      name: 'of attaching while others publish leave no hole and no repeat',
      async run({ adapter, newChannel, recorder, random }) {
        const bursts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 6, maxLength: 12 });
        const property = fc.asyncProperty(bursts, fc.integer({ min: 1, max: 5 }), (sizes, limit) =>
          attach(adapter, newChannel(), sizes, limit, recorder()),
        );
        await fc.assert(property, random);
      },
    },
  ],
};

async function followList(
  adapter: PubSubAdapter,
  channel: string,
  steps: readonly Step[],
  recorder: () => Recorder,
): Promise<void> {
  const start = await adapter.position(channel);
  const model = new LogModel(start);
  let live: Live[] = [];
  const at = (part: number): Cursor =>
    model.accepted[Math.round(part * model.accepted.length) - 1]?.cursor ?? start;

  for (const each of steps) {
    if (each.do === 'publish') {
      const records = Array.from({ length: each.count }, () => newRecord());
      const receipts = await Promise.all(records.map((record) => adapter.publish(channel, record)));
      for (const [index, record] of records.entries()) {
        model.accepted.push({ ...record, cursor: receipts[index]?.cursor ?? start });
      }
    } else if (each.do === 'repeat') {
      const known = model.accepted[Math.floor(each.share * (model.accepted.length - 1))];
      if (!known || adapter.capabilities.idempotencyWindowMs === 0) continue;
      expect(await adapter.publish(channel, known)).toEqual({
        cursor: known.cursor,
        duplicate: true,
      });
    } else if (each.do === 'read') {
      const query = {
        limit: each.limit,
        ...(each.after === null ? {} : { after: at(each.after) }),
      };
      model.expectPage(await adapter.read(channel, query), query, adapter.capabilities);
    } else if (each.do === 'trim') {
      const through = each.through === null ? undefined : at(each.through);
      await adapter.trim(channel, through);
      model.trim(through);
    } else if (each.do === 'subscribe') {
      const seen = recorder();
      live.push({
        seen,
        since: model.accepted.length,
        leave: await adapter.subscribe(channel, seen.deliver),
      });
    } else {
      const [first, ...rest] = live;
      live = rest;
      if (first) await expectCaughtUp(first, model);
      first?.leave();
    }
  }
  for (const each of live) {
    await expectCaughtUp(each, model);
    each.leave();
  }
}

async function expectCaughtUp({ seen, since }: Live, model: LogModel): Promise<void> {
  const own = model.accepted.slice(since);
  const last = own.at(-1);
  if (last) await seen.until(last.id);
  expectEntries(seen.entries, own);
}

/** The server's attach: live into a buffer, then the log from the cursor, then the buffer beyond it. */
async function attach(
  adapter: PubSubAdapter,
  channel: string,
  bursts: readonly number[],
  limit: number,
  seen: Recorder,
): Promise<void> {
  const publishing: Promise<unknown>[] = [];
  const rest = [...bursts];
  const burst = (): void => {
    const count = rest.shift() ?? 0;
    for (let index = 0; index < count; index += 1)
      publishing.push(adapter.publish(channel, newRecord()));
  };
  let position = await adapter.position(channel);
  burst();
  const subscribing = adapter.subscribe(channel, seen.deliver);
  burst();
  const leave = await subscribing;
  burst();
  const union: LogEntry[] = [];
  for (let more = true; more;) {
    const reading = adapter.read(channel, { after: position, limit });
    burst();
    const page = await reading;
    burst();
    expect(page.outcome).toBe('ok');
    const last = page.entries.at(-1);
    // A page that does not advance would be read for ever.
    if (page.more) expect(last?.cursor.offset).toBeGreaterThan(position.offset);
    union.push(...page.entries);
    position = last?.cursor ?? position;
    more = page.more;
  }
  while (rest.length > 0) burst();
  await Promise.all(publishing);
  const everything = (await adapter.read(channel, { limit: 1000 })).entries;
  const last = everything.at(-1);
  if (last && last.cursor.offset > position.offset) await seen.until(last.id);
  union.push(...seen.entries.filter((entry) => entry.cursor.offset > position.offset));
  leave();
  expect(everything).toHaveLength(publishing.length);
  expect(union).toEqual(everything);
}
