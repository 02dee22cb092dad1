import { PubSubError, type AnyContract, type EventEnvelope } from '@hipponot/pubsub-core';
import { describe, expect, test } from 'vitest';
import { createEmitter, type Emitter } from '../../../optimistic/create-emitter.ts';
import { settle } from '../../mocks/fake-clock.ts';
import { textOf } from '../../mocks/text-of.ts';
import { scriptedClient, type Scripted } from '../../mocks/scripted-client.ts';

interface Lab extends Scripted {
  readonly emitter: Emitter<unknown, unknown, { channel?: string; id?: string }>;
  /** Emits still without an answer, oldest first. */
  readonly answers: {
    ack(more?: object): Promise<void>;
    reject(code: string, retryable?: boolean): Promise<void>;
  }[];
  /** What the channel shows: the payload, and `*` where it is an own event not yet confirmed. */
  shown(): string[];
  /** Every state the emitter went through. */
  readonly states: string[];
}

async function lab(options: { subscribe?: boolean } = {}): Promise<Lab> {
  const answers: Lab['answers'] = [];
  const scripted = scriptedClient({
    fetch: (_url, init) => {
      const { id } = JSON.parse(textOf(init?.body)) as { id: string };
      return new Promise((resolve) => {
        const answer = async (response: Response): Promise<void> => {
          resolve(response);
          await new Promise((done) => setTimeout(done, 0));
        };
        answers.push({
          ack: (more) => answer(Response.json({ id, duplicate: false, result: 'done', ...more })),
          reject: (code, retryable = false) =>
            answer(
              Response.json({ code, message: code, retryable }, { status: retryable ? 503 : 403 }),
            ),
        });
      });
    },
  });
  const { client, transport } = scripted;
  const store = client.channel('a', { history: 10 });
  if (options.subscribe !== false) {
    store.subscribe(() => {});
    await settle();
    transport.last.hello();
    transport.last.ready('a', 'e:0');
  }
  const emitter = createEmitter(client as never, 'a:b' as never) as unknown as Lab['emitter'];
  const states: string[] = [];
  emitter.subscribe(() => {
    const { status, isPending, data, error } = emitter.getSnapshot();
    states.push(
      [status, isPending ? 'pending' : '', textOf(data), error?.code ?? '']
        .filter(Boolean)
        .join(' '),
    );
  });
  return {
    ...scripted,
    emitter,
    answers,
    states,
    shown: () =>
      store
        .getSnapshot()
        .events.map(({ payload, meta }) => `${String(payload)}${meta?.['optimistic'] ? '*' : ''}`),
  };
}

const echo = ({ transport }: Scripted, offset: number, id: string, payload: string): void =>
  transport.last.event('a', `e:${offset}`, payload, { id });

describe('an own event', () => {
  test('shows at once, behind those of the log, in its envelope', async () => {
    const made = await lab();
    made.transport.last.event('a', 'e:1', 'theirs');
    made.emitter.emit('mine', { id: 'x' });
    expect(made.shown()).toEqual(['theirs', 'mine*']);
    expect(made.client.channel('a').getSnapshot().latest).toEqual({
      id: 'x',
      name: 'a:b',
      channel: 'a',
      payload: 'mine',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      meta: { optimistic: true },
    });
    made.transport.last.event('a', 'e:2', 'theirs too');
    expect(made.shown()).toEqual(['theirs', 'theirs too', 'mine*']);
    expect(made.client.channel('a').getSnapshot().latest?.id).toBe('x');
  });

  test('ack before echo: stays until the echo takes its place', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:2' });
    made.transport.last.event('a', 'e:1', 'theirs');
    expect(made.shown()).toEqual(['theirs', 'mine*']);
    echo(made, 2, 'x', 'mine');
    expect(made.shown()).toEqual(['theirs', 'mine']);
    expect(made.states).toEqual(['sending pending', 'acked pending done', 'confirmed done']);
  });

  test('echo before ack: is replaced at once and confirmed with the ack', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    await settle();
    echo(made, 1, 'x', 'mine');
    expect([made.shown(), made.states]).toEqual([['mine'], ['sending pending']]);
    await made.answers[0]?.ack({ cursor: 'e:1' });
    expect([made.shown(), made.states.at(-1)]).toEqual([['mine'], 'confirmed done']);
  });

  test('an echo that comes twice shows once', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    echo(made, 1, 'x', 'mine');
    echo(made, 1, 'x', 'mine');
    expect(made.shown()).toEqual(['mine']);
  });

  test('that is refused is taken out, and the reason is told', async () => {
    const made = await lab();
    made.emitter.emit('mine');
    await settle();
    await made.answers[0]?.reject('forbidden');
    expect([made.shown(), made.states]).toEqual([[], ['sending pending', 'rejected forbidden']]);
  });

  test('whose emit failed is taken out; its late echo is an event like any other', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    await settle();
    await made.answers[0]?.reject('unavailable', true);
    expect([made.shown(), made.states.at(-1)]).toEqual([[], 'failed unavailable']);
    echo(made, 1, 'x', 'mine');
    expect([made.shown(), made.states.at(-1)]).toEqual([['mine'], 'failed unavailable']);
  });

  test('that is published nowhere goes with its ack', async () => {
    const made = await lab();
    made.emitter.emit('mine');
    await settle();
    await made.answers[0]?.ack();
    expect([made.shown(), made.states.at(-1)]).toEqual([[], 'confirmed done']);
  });

  test('whose echo lies behind the position is not waited for: a repeat of an old emit', async () => {
    const made = await lab();
    made.transport.last.event('a', 'e:5', 'theirs');
    made.emitter.emit('mine');
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:3', duplicate: true });
    expect([made.shown(), made.states.at(-1)]).toEqual([['theirs'], 'confirmed done']);
  });

  test('whose echo falls into a gap, or into a log that is gone, goes with it', async () => {
    for (const [outcome, to] of [
      ['gap', 'e:9'],
      ['reset', 'f:0'],
    ] as const) {
      const made = await lab();
      made.emitter.emit('mine');
      await settle();
      await made.answers[0]?.ack({ cursor: 'e:7' });
      expect(made.shown()).toEqual(['mine*']);
      made.transport.last.say('gap', { channel: 'a', outcome, from: 'e:0', to, reason: '' });
      expect([made.shown(), made.states.at(-1)]).toEqual([[], 'confirmed done']);
    }
  });

  test('that is not acked yet survives a reset: its echo is still to come', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    made.transport.last.say('gap', {
      channel: 'a',
      outcome: 'reset',
      from: 'e:0',
      to: 'f:0',
      reason: '',
    });
    expect(made.shown()).toEqual(['mine*']);
    made.transport.last.event('a', 'f:1', 'mine', { id: 'x' });
    expect(made.shown()).toEqual(['mine']);
  });

  test('counts against the limit of its store, and a snapshot of before is not touched', async () => {
    const made = await lab();
    const two = made.client.channel('a', { limit: 2 });
    two.subscribe(() => {});
    made.transport.last.event('a', 'e:1', 1);
    made.emitter.emit('x');
    const before = two.getSnapshot();
    made.emitter.emit('y');
    expect(before.events.map((event: EventEnvelope) => event.payload)).toEqual([1, 'x']);
    expect(two.getSnapshot().events.map((event: EventEnvelope) => event.payload)).toEqual([
      'x',
      'y',
    ]);
  });

  test('of a channel that nobody looks at is sent all the same', async () => {
    const made = await lab({ subscribe: false });
    made.emitter.emit('mine');
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:1' });
    expect(made.states).toEqual(['sending pending', 'acked pending done', 'confirmed done']);
  });

  test('is told to the tap when its echo comes', async () => {
    const made = await lab();
    const states: string[] = [];
    made.client.tap((record) => {
      if (record.type === 'emit') states.push(`${record.id} ${record.state}`);
    });
    made.emitter.emit('mine', { id: 'x' });
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:1' });
    echo(made, 1, 'x', 'mine');
    echo(made, 2, 'y', 'theirs');
    expect(states).toEqual(['x sending', 'x acked', 'x confirmed']);
  });
});

describe('an emitter', () => {
  test('speaks of its last emit; those before run on by themselves', async () => {
    const made = await lab();
    made.emitter.emit('one', { id: '1' });
    made.emitter.emit('two', { id: '2' });
    await settle();
    await made.answers[0]?.reject('forbidden');
    expect([made.shown(), made.states]).toEqual([['two*'], ['sending pending', 'sending pending']]);
    await made.answers[1]?.ack({ cursor: 'e:1' });
    echo(made, 1, '2', 'two');
    expect([made.shown(), made.states.at(-1)]).toEqual([['two'], 'confirmed done']);
  });

  test('resolves and rejects for who waits, and stays silent for who does not', async () => {
    const made = await lab();
    const good = made.emitter.emitAsync('good');
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:1' });
    expect(await good).toMatchObject({ result: 'done', cursor: { offset: 1 } });
    const bad = made.emitter.emitAsync('bad');
    const caught = bad.catch((error: unknown) => error);
    await settle();
    await made.answers[1]?.reject('forbidden');
    expect(await caught).toMatchObject({ code: 'forbidden' });
    // An unhandled rejection would fail this run.
    made.emitter.emit('silent');
    await settle();
    await made.answers[2]?.reject('forbidden');
  });

  test('reset forgets the last emit and cancels nothing', async () => {
    const made = await lab();
    made.emitter.emit('mine', { id: 'x' });
    made.emitter.reset();
    expect([made.states.at(-1), made.shown()]).toEqual(['idle', ['mine*']]);
    await settle();
    await made.answers[0]?.ack({ cursor: 'e:1' });
    echo(made, 1, 'x', 'mine');
    expect([made.states.at(-1), made.shown()]).toEqual(['idle', ['mine']]);
  });

  test('gives the same state until something changes', async () => {
    const { emitter } = await lab();
    expect(emitter.getSnapshot()).toBe(emitter.getSnapshot());
    expect(emitter.getSnapshot()).toEqual({
      status: 'idle',
      isPending: false,
      data: undefined,
      error: undefined,
    });
  });

  test('of a client that is closed says so, and shows nothing', async () => {
    const made = await lab();
    made.emitter.emit('before');
    made.client.close();
    made.emitter.emit('after');
    await new Promise((done) => setTimeout(done, 0));
    expect([made.shown(), made.states.at(-1)]).toEqual([[], 'rejected closed']);
  });

  test('tells nobody of what does not fit the contract', async () => {
    const contract = {
      check: () => new PubSubError('bad_payload', 'no'),
    } as unknown as AnyContract;
    const { client, transport } = scriptedClient({ contract });
    const store = client.channel('a');
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.getSnapshot().events.length));
    await settle();
    transport.last.hello();
    transport.last.ready('a', 'e:0');
    await settle();
    const emitter = createEmitter(client as never, 'a:b' as never) as unknown as Lab['emitter'];
    emitter.emit('bad');
    await settle();
    expect(emitter.getSnapshot()).toMatchObject({
      status: 'rejected',
      error: { code: 'bad_payload' },
    });
    expect(Math.max(...seen)).toBe(0);
  });
});
