import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LogEntry, PubSubAdapter } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import type { MemoryOptions } from '../../../in-memory/memory-options.ts';

let adapter: PubSubAdapter;

async function start(options: MemoryOptions = {}): Promise<void> {
  adapter = memory(options);
  await adapter.start();
}
afterEach(() => adapter?.stop());

function publish(id: string): Promise<unknown> {
  return adapter.publish('orders', { id, json: '{}' });
}
const idsOf = (entries: readonly LogEntry[]): string[] => entries.map((entry) => entry.id);

describe('delivery', () => {
  test('hands over in one array what was published in one turn, before the publisher goes on', async () => {
    await start();
    const seen: string[][] = [];
    await adapter.subscribe('orders', (entries) => seen.push(idsOf(entries)));
    await Promise.all(['a', 'b', 'c'].map(publish));
    expect(seen).toEqual([['a', 'b', 'c']]);
    await publish('d');
    expect(seen).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('gives every subscriber the same array', async () => {
    await start();
    const seen: unknown[] = [];
    for (let count = 0; count < 2; count += 1)
      await adapter.subscribe('orders', (entries) => seen.push(entries));
    await publish('a');
    expect(seen[0]).toBe(seen[1]);
  });

  test('lets events published in a delivery wait until everyone has seen what came before', async () => {
    await start();
    const log: string[] = [];
    await adapter.subscribe('orders', (entries) => {
      log.push(`first ${idsOf(entries).join()}`);
      if (idsOf(entries).includes('a')) void publish('answer');
    });
    await adapter.subscribe('orders', (entries) => log.push(`second ${idsOf(entries).join()}`));
    await Promise.all([publish('a'), publish('b')]);
    await publish('c');
    expect(log.slice(0, 2)).toEqual(['first a,b', 'second a,b']);
    const onlyOf = (who: string): string =>
      log
        .filter((line) => line.startsWith(who))
        .map((line) => line.slice(who.length + 1))
        .join();
    expect(onlyOf('first')).toBe('a,b,answer,c');
    expect(onlyOf('second')).toBe('a,b,answer,c');
  });

  test('starts a subscriber at the end of the log, also in a turn that published before', async () => {
    await start();
    const [early, late]: [string[], string[]] = [[], []];
    await adapter.subscribe('orders', (entries) => early.push(...idsOf(entries)));
    const before = publish('before');
    const joining = adapter.subscribe('orders', (entries) => late.push(...idsOf(entries)));
    const after = publish('after');
    await Promise.all([before, joining, after]);
    expect(early).toEqual(['before', 'after']);
    expect(late).toEqual(['after']);
  });

  test('delivers what was accepted before a stop', async () => {
    await start();
    const seen: string[] = [];
    await adapter.subscribe('orders', (entries) => seen.push(...idsOf(entries)));
    const publishing = publish('a');
    await adapter.stop();
    await publishing;
    expect(seen).toEqual(['a']);
  });
});

describe('what a subscriber throws', () => {
  test('goes to onError with its channel', async () => {
    const onError = vi.fn();
    await start({ onError });
    const fault = new Error('broken');
    await adapter.subscribe('orders', () => {
      throw fault;
    });
    await publish('a');
    expect(onError.mock.calls).toEqual([[fault, { channel: 'orders' }]]);
  });

  test('goes to the console where there is no onError, or where that throws too', async () => {
    const onConsole = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const options of [
      {},
      {
        onError: () => {
          throw new Error('the reporter');
        },
      },
    ]) {
      await start(options);
      const seen: string[] = [];
      await adapter.subscribe('orders', () => {
        throw new Error('the subscriber');
      });
      await adapter.subscribe('orders', (entries) => seen.push(...idsOf(entries)));
      await publish('a');
      expect(seen).toEqual(['a']);
      await adapter.stop();
    }
    expect(onConsole.mock.calls.map(([, error]) => (error as Error).message)).toEqual([
      'the subscriber',
      'the reporter',
    ]);
    onConsole.mockRestore();
  });
});

describe('epochs', () => {
  test('are 72 random bits, one a channel, of characters that every header takes', async () => {
    await start();
    const positions = await Promise.all(
      Array.from({ length: 500 }, (_, index) => adapter.position(`channel/${index}`)),
    );
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(500);
    for (const { epoch } of positions) expect(epoch).toMatch(/^[\w-]{12}$/);
  });
});

describe('options out of range', () => {
  test.each([
    ['idempotencyWindowMs', -1],
    ['idempotencyWindowMs', NaN],
    ['maxIdsPerChannel', 0],
    ['maxIdsPerChannel', 1.5],
    ['maxChannels', 0],
    ['maxChannels', Infinity],
    ['positionTtlMs', 0],
    ['onError', 'console'],
    ['now', 5],
  ])('are refused by name: %s %s', (option, value) => {
    expect(() => memory({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'bad_options',
        path: [option],
        message: expect.stringContaining(option),
      }),
    );
  });

  test('so is a position that would be forgotten inside the idempotency window', () => {
    expect(() => memory({ idempotencyWindowMs: 5000, positionTtlMs: 4000 })).toThrow(
      'positionTtlMs',
    );
    expect(() => memory({ idempotencyWindowMs: 5000, positionTtlMs: 5000 })).not.toThrow();
  });
});

test('a started adapter keeps no process alive', async () => {
  const script = `
    import { memory } from ${JSON.stringify(new URL('../../../in-memory/memory.ts', import.meta.url).href)};
    const adapter = memory();
    await adapter.start();
    await adapter.publish('orders', { id: 'a', json: '{}' });
    console.log('done');`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@hipponot/source', '--input-type=module', '--eval', script],
    { cwd: import.meta.dirname, timeout: 30_000 },
  );
  expect(stdout.trim()).toBe('done');
});
