import type { PubSubAdapter } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import type { AdapterHooks, ComplianceOptions } from '../../../testing/compliance-options.ts';

/** An adapter that breaks one sentence of the law, and the groups of checks that must notice. */
export interface BrokenAdapter extends ComplianceOptions {
  /** What it does wrong: "an adapter that …". */
  readonly that: string;
  readonly caughtBy: readonly string[];
}

/** A memory adapter with some of its operations replaced. */
export function broken(
  that: string,
  caughtBy: readonly string[],
  spoil: (inner: PubSubAdapter, hooks: AdapterHooks) => Partial<PubSubAdapter>,
): BrokenAdapter {
  return {
    that,
    caughtBy,
    create(hooks) {
      const inner = memory(hooks);
      return { ...inner, ...spoil(inner, hooks) };
    },
  };
}
