import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle } from '../../mocks/fake-clock.ts';
import { ModelServer } from '../../mocks/model-server.ts';
import { scriptedClient } from '../../mocks/scripted-client.ts';

const channels = ['a', 'b', 'c'] as const;
type Channel = (typeof channels)[number];

type Act =
  | { readonly do: 'publish' | 'join' | 'leave'; readonly on: Channel }
  | { readonly do: 'attach' | 'cut'; readonly of: number }
  | { readonly do: 'deliver'; readonly of: number; readonly count: number }
  | { readonly do: 'trim' | 'recreate'; readonly on: Channel }
  | { readonly do: 'wait'; readonly ms: number };

const on = fc.constantFrom(...channels);
const of = fc.constantFrom(0, 1);

function acts(weights: { readonly trouble: number }): fc.Arbitrary<Act[]> {
  // Long, and not drawn to small numbers: the troubles take two streams and a queue to meet.
  return fc.noBias(
    fc.array(
      fc.oneof(
        { weight: 10, arbitrary: fc.record({ do: fc.constant('publish' as const), on }) },
        {
          weight: 5,
          arbitrary: fc.record({ do: fc.constantFrom('join' as const, 'leave' as const), on }),
        },
        { weight: 6, arbitrary: fc.record({ do: fc.constant('attach' as const), of }) },
        {
          weight: 14,
          arbitrary: fc.record({
            do: fc.constant('deliver' as const),
            of,
            count: fc.integer({ min: 1, max: 4 }),
          }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(800) }) },
        { weight: weights.trouble, arbitrary: fc.record({ do: fc.constant('cut' as const), of }) },
        {
          weight: weights.trouble,
          arbitrary: fc.record({ do: fc.constantFrom('trim' as const, 'recreate' as const), on }),
        },
      ),
      { minLength: 30, maxLength: 200, size: 'max' },
    ),
  );
}

/** What one subscription heard, in order: the numbers of events, and notices between them. */
class Ear {
  readonly heard: (number | 'gap' | 'reset' | 'fresh')[] = [];
  readonly channel: Channel;
  readonly leave: () => void;

  constructor(channel: Channel, listen: (ear: Ear) => () => void) {
    this.channel = channel;
    this.leave = listen(this);
  }

  /** No hole and no repeat, unless it was told. */
  check(): void {
    let last: number | undefined;
    let wasTold = true;
    for (const each of this.heard) {
      if (typeof each === 'string') wasTold = true;
      else {
        if (last !== undefined) {
          expect(
            each,
            `${this.channel} hears in order, once: ${this.heard.join(' ')}`,
          ).toBeGreaterThan(last);
          if (!wasTold)
            expect(each, `${this.channel} has no silent hole: ${this.heard.join(' ')}`).toBe(
              last + 1,
            );
        }
        last = each;
        wasTold = false;
      }
    }
  }
}

async function play(
  script: readonly Act[],
): Promise<{ ears: Ear[]; resumed: () => Promise<void>; twins: number }> {
  const server = new ModelServer();
  const { client, transport, clock } = scriptedClient({
    graceMs: 0,
    backoff: { baseMs: 100, maxMs: 200 },
  });
  const open = transport.open.bind(transport);
  transport.open = (request, listener) => {
    const close = open(request, listener);
    server.accept(transport.last, transport.streams.length % 2 === 0);
    return close;
  };
  let twins = 0;
  const ears: Ear[] = [];
  const listening = new Map<Channel, Ear>();
  const alive = (): ModelServer['streams'] => server.streams.filter(({ stream }) => stream.open);
  const join = (channel: Channel): void => {
    if (listening.has(channel)) return;
    const ear = new Ear(channel, (self) =>
      client.channel(channel).listen({
        onEvent: ({ payload }) => self.heard.push(payload as number),
        onGap: ({ outcome }) => self.heard.push(outcome as 'gap'),
      }),
    );
    listening.set(channel, ear);
    ears.push(ear);
  };

  for (const act of script) {
    switch (act.do) {
      case 'publish':
        server.publish(act.on);
        break;
      case 'join':
        join(act.on);
        break;
      case 'leave':
        listening.get(act.on)?.leave();
        listening.delete(act.on);
        await clock.advance(2);
        break;
      case 'attach': {
        const served = alive()[act.of];
        if (served) server.attachNext(served);
        break;
      }
      case 'deliver': {
        const served = alive()[act.of];
        if (served) server.deliver(served, act.count);
        break;
      }
      case 'cut': {
        const served = alive()[act.of];
        if (served) server.cut(served);
        break;
      }
      case 'trim':
        server.trim(act.on);
        break;
      case 'recreate':
        server.recreate(act.on);
        break;
      case 'wait':
        await clock.advance(act.ms);
        break;
      default:
        act satisfies never;
    }
    await settle();
    expect(transport.openCount, 'at most two streams').toBeLessThan(3);
    if (transport.openCount === 2) twins += 1;
    for (const ear of listening.values()) ear.check();
  }

  /** The network heals; everyone who listens hears the last word of every channel. */
  const resumed = async (): Promise<void> => {
    for (const channel of channels) join(channel);
    for (let turn = 0; turn < 30; turn += 1) {
      await clock.advance(300);
      for (const served of alive()) {
        while (served.waiting.length > 0) server.attachNext(served);
        server.deliver(served, Infinity);
      }
    }
    for (const channel of channels) server.publish(channel);
    for (const served of alive()) server.deliver(served, Infinity);
    expect(transport.openCount).toBe(1);
    for (const [channel, ear] of listening) {
      ear.check();
      expect(ear.heard.at(-1), `${channel} is up to date`).toBe(server.log(channel).published);
    }
    client.close();
    expect(clock.pending).toBe(0);
  };
  return { ears, resumed, twins };
}

describe('the set of channels changes under way', () => {
  test('without trouble: nothing is lost, shown twice or told as lost, however the network interleaves two streams', async () => {
    let twoStreams = 0;
    await fc.assert(
      fc.asyncProperty(acts({ trouble: 0 }), async (script) => {
        const { ears, resumed, twins } = await play(script);
        twoStreams += twins;
        await resumed();
        expect(
          ears.flatMap(({ heard }) => heard).filter((each) => typeof each === 'string'),
        ).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(twoStreams, 'two streams were open together').toBeGreaterThan(500);
  });

  test('with cuts, trims and recreated logs: whatever is missing was told before the next event', async () => {
    await fc.assert(
      fc.asyncProperty(acts({ trouble: 2 }), async (script) => {
        const { resumed } = await play(script);
        await resumed();
      }),
      { numRuns: 250 },
    );
  });
});
