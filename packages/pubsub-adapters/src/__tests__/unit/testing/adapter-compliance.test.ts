import { describe, expect, test } from 'vitest';
import { memory } from '../../../in-memory/memory.ts';
import { adapterCompliance, isAsked } from '../../../testing/adapter-compliance.ts';
import { checkGroups } from '../../../testing/check-groups.ts';
import { runCheck } from '../../../testing/run-check.ts';
import { brokenInDelivering } from '../../mocks/broken/in-delivering.ts';
import { brokenInLifecycle } from '../../mocks/broken/in-lifecycle.ts';
import { brokenInPublishing } from '../../mocks/broken/in-publishing.ts';
import { brokenInReading } from '../../mocks/broken/in-reading.ts';
import type { BrokenAdapter } from '../../mocks/broken/broken-adapter.ts';
import { fakeBroker } from '../../mocks/fake-broker.ts';

// The suite's own proof: a check that passes on a good adapter and on every broken one proves nothing.
const brokenAdapters = [
  ...brokenInPublishing,
  ...brokenInDelivering,
  ...brokenInReading,
  ...brokenInLifecycle,
];
const caught = new Set<string>();
const seed = 20_261_123;

async function failuresOf(adapter: BrokenAdapter): Promise<string[]> {
  const failures: string[] = [];
  const { capabilities } = adapter.create({ onError: () => {} });
  const options = { ...adapter, seed, waitMs: 25, numRuns: 20 };
  for (const group of checkGroups.filter(({ name }) => adapter.caughtBy.includes(name))) {
    for (const check of group.checks.filter((each) => isAsked(each, capabilities, options))) {
      try {
        await runCheck(check, options);
      } catch {
        failures.push(group.name);
        caught.add(`${group.name}: ${check.name}`);
      }
    }
  }
  return failures;
}

describe('the suite catches an adapter that', () => {
  test.each(brokenAdapters.map((adapter) => [adapter.that, adapter] as const))(
    '%s',
    async (_that, adapter) => {
      expect([...new Set(await failuresOf(adapter))].toSorted()).toEqual(
        [...adapter.caughtBy].toSorted(),
      );
    },
  );

  test('…, and no check of it passes them all', () => {
    const never = checkGroups.flatMap(({ name, checks }) =>
      checks.map((check) => `${name}: ${check.name}`),
    );
    expect(never.filter((check) => !caught.has(check))).toEqual([]);
  });
});

adapterCompliance('a shared broker that breaks and heals', fakeBroker());
adapterCompliance('a broker with holes between its offsets', fakeBroker({ sparse: true }));
adapterCompliance('memory without an idempotency window', {
  create: (hooks) => memory({ ...hooks, idempotencyWindowMs: 0 }),
});

describe('the options of the suite', () => {
  test.each([
    'contiguous',
    'persistence',
    'gapDetection',
    'idempotencyWindowMs',
    'multiNode',
    'capabilities',
    'skip',
  ])('hold no %s: it is read off the adapter', (option) => {
    const options = { create: () => memory(), [option]: true };
    expect(() => adapterCompliance('memory', options)).toThrow(option);
  });

  test('need a way to make adapters', () => {
    expect(() => adapterCompliance('memory', {} as never)).toThrow('create');
  });
});
