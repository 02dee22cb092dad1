import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PauseReason } from '../../../client/connection-status.ts';
import { maxHintMs, minDelayMs } from '../../../sse/backoff.ts';
import {
  initialState,
  step,
  type Channels,
  type Input,
  type State,
  type Stream,
} from '../../../sse/machine.ts';
import {
  attached,
  denied,
  describeState,
  drain,
  ended,
  hello,
  policy,
  tick,
  wanted,
} from '../../mocks/machine-words.ts';

// Random walks through the machine, as its shell would drive it. The numbers are those of SPEC.md.

type Move =
  | { readonly do: 'want'; readonly set: string }
  | {
      readonly do: 'say';
      readonly what: 'hello' | 'attach' | 'refuse' | 'drain' | 'end';
      readonly of: number;
      readonly pick: number;
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'byte'; readonly of: number }
  | { readonly do: 'pause'; readonly reason: PauseReason }
  | { readonly do: 'resume'; readonly reason: PauseReason };

const codes = [
  'network',
  'bad_answer',
  'unauthenticated',
  'forbidden',
  'bad_request',
  'unavailable',
] as const;

const reason = fc.constantFrom<PauseReason>('offline', 'manual', 'hidden');
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('want' as const),
      set: fc.constantFrom('', 'a', 'b', 'a b', 'a b', 'a#2 b', 'a b c'),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      what: fc.constantFrom(
        'hello',
        'hello',
        'hello',
        'attach',
        'attach',
        'attach',
        'attach',
        'refuse',
        'drain',
        'end',
      ),
      of: fc.nat(1),
      pick: fc.nat(5),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(500), fc.nat(3000), fc.nat(40_000)),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('byte' as const), of: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), reason }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resume' as const), reason }) },
);

// Long, and not drawn to small numbers: a walk that never leaves the doorstep proves nothing.
const walk = fc.noBias(fc.array(move, { minLength: 20, maxLength: 120, size: 'max' }));

/** What a shell holds: it knows effects alone. */
class World {
  state: State = initialState;
  now = 1_000_000;
  wakeAt = Infinity;
  readonly open = new Map<number, Stream>();
  readonly seen: Record<number, number> = {};
  opened = 0;
  refreshes = 0;
  readonly visited = new Map<string, number>();

  send(input: Input): void {
    const before = this.state;
    const { state, effects } = step(before, input, { now: this.now, random: 0.7, policy });
    this.state = state;
    if (state.at === 'idle' || input.type === 'resumed') this.refreshes = 0;
    if (state === before) expect([effects.close, effects.open]).toEqual([[], []]);
    for (const { no } of effects.close) {
      expect(this.open.delete(no), '4: only an open stream is closed').toBe(true);
      delete this.seen[no];
    }
    for (const stream of effects.open) this.#open(stream, input);
    this.wakeAt = effects.wakeAt ?? this.wakeAt;
    this.check(before, input);
  }

  #open(stream: Stream, input: Input): void {
    expect(stream.no, '4: numbers only grow').toBeGreaterThan(this.opened);
    expect(stream.asked, '10: a stream is opened with the set of now').toBe(this.state.wanted);
    for (const other of this.open.values()) {
      const old = this.state.streams.find(({ no }) => no === other.no);
      expect(old?.pending, '7: a successor only of a settled stream').toEqual([]);
    }
    if (input.type === 'ended' && stream.refresh) this.refreshes += 1;
    // Forgotten with a hello, when nothing is wanted, and by the user's word.
    expect(this.refreshes, '9: refused credentials are refreshed once').toBeLessThan(2);
    this.opened = stream.no;
    this.open.set(stream.no, stream);
    this.seen[stream.no] = this.now;
  }

  check(before: State, input: Input): void {
    const { state } = this;
    const { wanted: set, pauses, streams, wait } = state;
    const place = describeState(state).replaceAll(/\d+/g, '·');
    this.visited.set(place, (this.visited.get(place) ?? 0) + 1);
    expect([...this.open.keys()], '4: open are the streams of the state').toEqual(
      streams.map(({ no }) => no),
    );
    if (state.at !== 'active') {
      expect([streams.length, wait, this.wakeAt], '2: at rest nothing runs').toEqual([
        0,
        undefined,
        Infinity,
      ]);
    } else {
      expect(set.size, '5: at work for someone').toBeGreaterThan(0);
      expect(pauses, '5: at work unpaused').toEqual([]);
      expect(streams.length, '1: at most one successor').toBeLessThan(3);
      if (streams.length === 2)
        expect(streams[0]?.hello, '1: beside one that serves').toBeDefined();
      expect(streams.length + (wait ? 1 : 0), '11: something is under way').toBeGreaterThan(0);
      const due = Math.min(...[...streams, ...(wait ? [wait] : [])].map((each) => each.due));
      expect(this.wakeAt, '11: the alarm is set for what is due next').toBe(due);
    }
    if (wait && wait !== before.wait && input.type !== 'resumed') {
      expect(wait.due - this.now, '6: never faster').toBeGreaterThanOrEqual(minDelayMs);
      expect(wait.due - this.now, '6: never slower').toBeLessThanOrEqual(maxHintMs + policy.maxMs);
    }
    const [served] = before.streams;
    const [serving, successor] = streams;
    if (served?.hello && serving && serving.no !== served.no && input.type === 'frame') {
      const shared = serving.pending.filter(
        (channel) => served.asked.get(channel) === serving.asked.get(channel),
      );
      expect(shared, '8: a successor takes over with all they share').toEqual([]);
    }
    if (
      state.at === 'active' &&
      serving?.hello &&
      !successor &&
      !wait &&
      serving.pending.length === 0
    ) {
      expect(sets(serving.asked), '12: a settled stream carries what is wanted').toEqual(sets(set));
    }
  }

  /** As time passes, the alarm goes off when it is set for. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let ticks = 0; this.wakeAt <= end; ticks += 1) {
      expect(ticks, '13: time alone makes no spin').toBeLessThan(2 + ms / minDelayMs);
      this.now = Math.max(this.now, this.wakeAt);
      this.wakeAt = Infinity;
      this.send(tick(this.seen));
    }
    this.now = end;
  }

  move(next: Move): void {
    if (next.do === 'want') return this.send(wanted(next.set));
    if (next.do === 'wait') return this.pass(next.ms);
    if (next.do === 'pause') return this.send({ type: 'paused', reason: next.reason });
    if (next.do === 'resume') return this.send({ type: 'resumed', reason: next.reason });
    const stream = [...this.open.values()][next.of];
    if (!stream) return;
    const { no } = stream;
    this.seen[no] = this.now;
    if (next.do === 'byte') return;
    const channel = [...stream.asked.keys()][next.pick % stream.asked.size] ?? '';
    switch (next.what) {
      case 'hello':
        this.refreshes = 0;
        return this.send(hello(no, { expiresInMs: next.pick ** 5 * 20 }));
      case 'attach':
        return this.send(attached(no, channel));
      case 'refuse':
        return this.send(denied(no, channel, next.pick % 2 === 0));
      case 'drain':
        return this.send(drain(no, next.pick * 100, next.of ? 'stopping' : 'expired'));
      case 'end':
        return this.send(ended(no, codes[next.pick]));
      default:
        return next.what satisfies never;
    }
  }

  /** A server in good health answers every stream at once. */
  serve(): void {
    for (let turn = 0; turn < 20 && this.state.at === 'active'; turn += 1) {
      for (const stream of this.open.values()) {
        this.seen[stream.no] = this.now;
        this.send(hello(stream.no));
        for (const channel of stream.asked.keys())
          if (this.open.has(stream.no)) this.send(attached(stream.no, channel));
      }
      if (this.state.wait) this.pass(this.state.wait.due - this.now);
    }
  }
}

const sets = (channels: Channels): [string, number][] =>
  [...channels].toSorted(([left], [right]) => left.localeCompare(right));

describe('on a random walk', () => {
  test('every invariant holds after every step', () => {
    const visited = new Map<string, number>();
    fc.assert(
      fc.property(walk, (moves) => {
        const world = new World();
        for (const each of moves) world.move(each);
        for (const [place, count] of world.visited)
          visited.set(place, (visited.get(place) ?? 0) + count);
      }),
      // Which places these walks reach hangs on the seed, so it stands; the walks below take the run's own.
      { numRuns: 800, seed: 4 },
    );
    // A walk that misses a state proves nothing about it.
    const places = [
      'idle',
      '·…',
      '·~',
      '·',
      'wait',
      '·~ wait',
      '· wait',
      '· ·…',
      '· ·~',
      '·r…',
      '· ·r…',
      '·~ ·…',
    ];
    expect(places.filter((place) => place !== '·~ ·…' && (visited.get(place) ?? 0) < 20)).toEqual(
      [],
    );
    expect(visited.has('·~ ·…')).toBe(false);
    expect([...visited.keys()]).toEqual(
      expect.arrayContaining(['needs-auth unauthenticated', 'failed forbidden', 'paused manual']),
    );
  });

  test('from wherever it got, a healthy server leads to one stream that carries what is wanted', () => {
    fc.assert(
      fc.property(walk, (moves) => {
        const world = new World();
        for (const each of moves) world.move(each);
        for (const why of ['hidden', 'offline', 'manual'] as const)
          world.send({ type: 'resumed', reason: why });
        world.send(wanted('x y'));
        world.serve();
        const { streams, wait } = world.state;
        expect([streams.length, wait]).toEqual([1, undefined]);
        expect(sets(streams[0]?.asked ?? new Map())).toEqual([
          ['x', 1],
          ['y', 1],
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('from wherever it got, closed is closed', () => {
    fc.assert(
      fc.property(walk, walk, (moves, later) => {
        const world = new World();
        for (const each of moves) world.move(each);
        world.send({ type: 'closed' });
        expect(world.open.size).toBe(0);
        for (const each of later) world.move(each);
        expect(world.state.at).toBe('closed');
        expect(world.wakeAt).toBe(Infinity);
      }),
      { numRuns: 150 },
    );
  });
});
