import type { PubSubAdapter } from '@hipponot/pubsub-core';
import type { Check, CheckContext } from './check.ts';
import type { ComplianceOptions } from './compliance-options.ts';
import { Recorder } from './recorder.ts';

const pollEveryMs = 5;

/** Runs one check on adapters of its own, and stops them. Rejects where the adapter breaks the law. */
export async function runCheck(
  check: Check,
  options: ComplianceOptions & { readonly seed: number },
): Promise<void> {
  const made: PubSubAdapter[] = [];
  const reported: unknown[] = [];
  const waitMs = options.waitMs ?? 5000;

  function create(): PubSubAdapter {
    const adapter = options.create({ onError: (error) => void reported.push(error) });
    made.push(adapter);
    return adapter;
  }

  async function nodes(): Promise<readonly [PubSubAdapter, ...PubSubAdapter[]]> {
    if (!adapter.capabilities.multiNode) return [adapter];
    const second = create();
    await second.start();
    return [adapter, second];
  }

  async function eventually(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!(await ask())) {
      if (Date.now() > deadline) throw new Error(`Not within ${waitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    }
  }

  const adapter = create();
  const context: CheckContext = {
    adapter,
    channel: newChannel(),
    newChannel,
    create,
    nodes,
    recorder: () => new Recorder(waitMs),
    reported,
    random: { seed: options.seed, numRuns: options.numRuns ?? 50 },
    disturb: options.disturb,
    eventually,
  };
  try {
    await adapter.start();
    await check.run(context);
  } finally {
    await Promise.all(made.map((each) => each.stop()));
  }
}

// Random, not counted: a backend may still hold the channels of an earlier run.
function newChannel(suffix = ''): string {
  return `compliance/${Math.random().toString(36).slice(2)}${suffix}`;
}
