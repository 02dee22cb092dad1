import { describe, test } from 'vitest';
import type { AdapterCapabilities } from '@hipponot/pubsub-core';
import { checkGroups } from './check-groups.ts';
import type { Check } from './check.ts';
import { assertComplianceOptions, type ComplianceOptions } from './compliance-options.ts';
import { runCheck } from './run-check.ts';

/**
 * Registers the compliance suite for one adapter: every MUST of `PubSubAdapter` that its
 * `capabilities` promise, as vitest tests.
 *
 * @example
 * adapterCompliance('memory', { create: (hooks) => memory(hooks) });
 *
 * @throws {PubSubError} `bad_options`, also for a capability passed as an option
 */
export function adapterCompliance(name: string, options: ComplianceOptions): void {
  assertComplianceOptions(options);
  const { capabilities } = options.create({ onError: () => {} });
  const seed = options.seed ?? Math.floor(Math.random() * 0x7fffffff);
  describe(`${name} keeps the law of adapters (seed ${seed})`, () => {
    for (const group of checkGroups) {
      const checks = group.checks.filter((check) => isAsked(check, capabilities, options));
      if (checks.length === 0) continue;
      describe(group.name, () => {
        for (const check of checks) test(check.name, () => runCheck(check, { ...options, seed }));
      });
    }
  });
  // oxlint-disable-next-line no-console -- the way to repeat a random run
  console.info(`adapterCompliance("${name}"): seed ${seed}`);
}

/** Does this adapter promise what the check asks? */
export function isAsked(
  check: Check,
  capabilities: AdapterCapabilities,
  options: ComplianceOptions,
): boolean {
  return (
    (check.applies?.(capabilities) ?? true) && (!check.disturbs || options.disturb !== undefined)
  );
}
