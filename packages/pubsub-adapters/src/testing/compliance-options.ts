import { PubSubError, type PubSubAdapter } from '@hipponot/pubsub-core';

/** Breaks the link between every adapter and the backend; the returned function heals it. */
export type Disturb = () => Promise<() => Promise<void>>;

/** What the suite hands to each adapter it creates. */
export interface AdapterHooks {
  /** Where the adapter MUST report what a subscriber threw. */
  readonly onError: (error: unknown) => void;
}

/** What {@link adapterCompliance} takes. What an adapter can promise is read off its `capabilities`. */
export interface ComplianceOptions {
  /** A new adapter that is not started. All of one run MUST see the same backend, if it has one. */
  readonly create: (hooks: AdapterHooks) => PubSubAdapter;
  /** For backends that can become unreachable. */
  readonly disturb?: Disturb;
  /** How long a delivery may take before the check fails, in milliseconds. @default 5000 */
  readonly waitMs?: number;
  /** Random sequences per property. @default 50 */
  readonly numRuns?: number;
  /** Repeats a run. @default a new one, printed */
  readonly seed?: number;
}

const known = new Set(['create', 'disturb', 'waitMs', 'numRuns', 'seed']);

/**
 * Refuses anything but the options above: a capability passed here would let an adapter promise one
 * thing and be tested for another.
 *
 * @throws {PubSubError} `bad_options`
 */
export function assertComplianceOptions(options: ComplianceOptions): void {
  for (const option of Object.keys(options)) {
    if (known.has(option)) continue;
    throw new PubSubError(
      'bad_options',
      `adapterCompliance() has no option \`${option}\`: what an adapter can promise is read off \`adapter.capabilities\`.`,
      { path: [option] },
    );
  }
  if (typeof options.create !== 'function') {
    throw new PubSubError(
      'bad_options',
      'adapterCompliance() needs `create`, a function that makes an adapter.',
      {
        path: ['create'],
      },
    );
  }
}
