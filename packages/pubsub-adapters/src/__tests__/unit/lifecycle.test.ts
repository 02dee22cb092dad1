import { expect, test } from 'vitest';
import { createLifecycle, type Lifecycle } from '../../lifecycle.ts';

/** A lifecycle whose open and close settle when told. */
function manual(): {
  log: string[];
  lifecycle: Lifecycle;
  settle: (fault?: Error) => Promise<void>;
} {
  const log: string[] = [];
  let pending: PromiseWithResolvers<void> | undefined;
  const step = (name: string) => (): Promise<void> => {
    log.push(name);
    pending = Promise.withResolvers<void>();
    return pending.promise.finally(() => log.push(`${name} done`));
  };
  const lifecycle = createLifecycle('test', step('open'), step('close'));
  return {
    log,
    lifecycle,
    async settle(fault) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!pending) throw new Error('nothing is opening or closing');
      if (fault) pending.reject(fault);
      else pending.resolve();
      pending = undefined;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('work waits for the start, in the order of the calls', async () => {
  const { lifecycle, settle, log } = manual();
  const starting = lifecycle.start();
  const first = lifecycle.run('first', () => log.push('first'));
  const afterStart = starting.then(() => lifecycle.run('second', () => log.push('second')));
  expect(lifecycle.state).toBe('starting');
  await settle();
  await Promise.all([first, afterStart]);
  expect(log).toEqual(['open', 'open done', 'first', 'second']);
});

test('a failed start is told to its caller, refuses what waited, and may be tried again', async () => {
  const { lifecycle, settle } = manual();
  const starting = lifecycle.start();
  const waiting = lifecycle.run('publish', () => 1);
  const outcomes = Promise.allSettled([starting, waiting]);
  await settle(new Error('no route'));
  const [start, work] = await outcomes;
  expect(start).toMatchObject({ reason: { message: 'no route' } });
  expect(work).toMatchObject({
    reason: { code: 'adapter_state', message: expect.stringContaining('not started') },
  });
  expect(lifecycle.state).toBe('idle');
  await lifecycle.stop();
  const again = lifecycle.start();
  await settle();
  await again;
  expect(await lifecycle.run('publish', () => 2)).toBe(2);
});

test('a stop during a start refuses what waited, and closes once it is open', async () => {
  const { lifecycle, settle, log } = manual();
  const starting = lifecycle.start();
  const refused = expect(lifecycle.run('publish', () => 1)).rejects.toMatchObject({
    code: 'adapter_state',
  });
  await Promise.resolve();
  const stopping = lifecycle.stop();
  expect(lifecycle.state).toBe('stopping');
  await refused;
  await settle();
  expect(lifecycle.state).toBe('stopping');
  await settle();
  await Promise.all([starting, stopping]);
  expect(log).toEqual(['open', 'open done', 'close', 'close done']);
  expect(lifecycle.state).toBe('stopped');
});

test('a stop in the same turn as the start opens nothing', async () => {
  const { lifecycle, log } = manual();
  await Promise.all([lifecycle.start(), lifecycle.stop()]);
  expect(lifecycle.state).toBe('stopped');
  expect(log).toEqual([]);
});

test('a start during a stop follows it', async () => {
  const { lifecycle, settle, log } = manual();
  const first = lifecycle.start();
  await settle();
  await first;
  const both = Promise.all([lifecycle.stop(), lifecycle.start()]);
  await expect(lifecycle.run('publish', () => 1)).rejects.toMatchObject({ code: 'adapter_state' });
  await settle();
  await settle();
  await both;
  expect(log).toEqual(['open', 'open done', 'close', 'close done', 'open', 'open done']);
  expect(lifecycle.state).toBe('started');
});

test('a start whose opening fails after a newer stop and start does not undo them', async () => {
  const { lifecycle, settle } = manual();
  const first = expect(lifecycle.start()).rejects.toThrow('no route');
  await Promise.resolve();
  const rest = Promise.all([lifecycle.stop(), lifecycle.start()]);
  await settle(new Error('no route'));
  await first;
  await settle();
  await rest;
  expect(lifecycle.state).toBe('started');
  const stopping = lifecycle.stop();
  await settle();
  await stopping;
  expect(lifecycle.state).toBe('stopped');
});

test('a close that fails is told, and leaves it stopped', async () => {
  const { lifecycle, settle } = manual();
  const starting = lifecycle.start();
  await settle();
  await starting;
  const stopping = expect(lifecycle.stop()).rejects.toThrow('half closed');
  await settle(new Error('half closed'));
  await stopping;
  expect(lifecycle.state).toBe('stopped');
});

test('work that throws rejects', async () => {
  const lifecycle = createLifecycle(
    'test',
    () => {},
    () => {},
  );
  await lifecycle.start();
  await expect(
    lifecycle.run('publish', () => {
      throw new Error('thrown');
    }),
  ).rejects.toThrow('thrown');
});
