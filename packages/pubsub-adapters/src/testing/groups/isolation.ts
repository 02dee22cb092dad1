import { expect } from 'vitest';
import { maxNameBytes, whyNotAddress } from '@hipponot/pubsub-core';
import type { CheckGroup } from '../check.ts';
import { expectEntries, publishAll } from '../log-model.ts';

export const isolationGroup: CheckGroup = {
  name: 'isolation',
  checks: [
    {
      name: 'serves the others, and the publisher, when one subscriber throws',
      async run({ adapter, channel, recorder }) {
        const [before, after] = [recorder(), recorder()];
        await adapter.subscribe(channel, before.deliver);
        await adapter.subscribe(channel, () => {
          throw new Error('a subscriber of the compliance suite');
        });
        await adapter.subscribe(channel, after.deliver);
        const accepted = await publishAll(adapter, channel, 3);
        for (const seen of [before, after]) {
          await seen.until(accepted.at(-1)?.id ?? '');
          expectEntries(seen.entries, accepted);
        }
      },
    },
    {
      name: 'reports what a subscriber threw, and goes on delivering to it',
      async run({ adapter, channel, reported, eventually }) {
        let calls = 0;
        await adapter.subscribe(channel, () => {
          calls += 1;
          throw new Error(`call ${calls}`);
        });
        await publishAll(adapter, channel, 1);
        await eventually('the first throw is reported', () => reported.length === 1);
        await publishAll(adapter, channel, 1);
        await eventually('the second throw is reported', () => reported.length === 2);
        expect(reported).toEqual([new Error('call 1'), new Error('call 2')]);
      },
    },
    {
      name: 'keeps channels apart, however alike and however odd their names',
      async run({ adapter, newChannel, recorder }) {
        const base = newChannel();
        const odd = [
          '',
          '/',
          '/a',
          '/A',
          '/a/b',
          '/*',
          '/>',
          '/a.b',
          '/a:b',
          '/a|b',
          '/{a}',
          '/[ab]',
          '/%2F',
          "/'",
          '/"',
          '/ü',
          '/u\u0308',
          '/日本',
          '/😀',
          '/constructor',
          '/null',
        ];
        const names = odd.map((suffix) => base + (suffix === '/' ? '/-' : suffix));
        names.push(`${base}/`.padEnd(maxNameBytes, 'x'));
        expect(names.filter((name) => whyNotAddress(name))).toEqual([]);
        const all = new Map(names.map((name) => [name, recorder()]));
        for (const [name, seen] of all) await adapter.subscribe(name, seen.deliver);
        for (const [name, seen] of all) {
          const accepted = await publishAll(adapter, name, 2);
          await seen.until(accepted.at(-1)?.id ?? '');
          expectEntries((await adapter.read(name, { limit: 10 })).entries, accepted);
        }
        for (const seen of all.values()) expect(seen.entries).toHaveLength(2);
      },
    },
    {
      name: 'gives each channel its own position',
      async run({ adapter, channel, newChannel }) {
        const other = newChannel();
        const start = await adapter.position(other);
        await publishAll(adapter, channel, 3);
        expect(await adapter.position(other)).toEqual(start);
        expect((await adapter.read(other, { after: start, limit: 10 })).entries).toEqual([]);
      },
    },
  ],
};
