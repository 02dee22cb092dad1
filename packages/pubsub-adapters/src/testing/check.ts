import type { AdapterCapabilities, PubSubAdapter } from '@hipponot/pubsub-core';
import type { Disturb } from './compliance-options.ts';
import type { Recorder } from './recorder.ts';

/** What a check works with. Fresh for each one; every adapter it made is stopped afterwards. */
export interface CheckContext {
  /** Started. */
  readonly adapter: PubSubAdapter;
  /** A channel that nothing else uses. */
  readonly channel: string;
  /** Another such channel, ending in `suffix`. */
  newChannel(suffix?: string): string;
  /** An adapter that is not started. Where the backend is shared it sees the same logs. */
  create(): PubSubAdapter;
  /** Started adapters that share one log: two where the backend allows it, else the one. */
  nodes(): Promise<readonly [PubSubAdapter, ...PubSubAdapter[]]>;
  /** A subscriber that keeps what it gets. */
  recorder(): Recorder;
  /** What adapters reported through `onError`. */
  readonly reported: readonly unknown[];
  /** For fast-check. */
  readonly random: { readonly seed: number; readonly numRuns: number };
  readonly disturb: Disturb | undefined;
  /** Asks again until the answer is `true`; fails when it does not come in time. */
  eventually(what: string, ask: () => boolean | Promise<boolean>): Promise<void>;
}

/** One sentence of the law, as a function that throws where an adapter breaks it. */
export interface Check {
  readonly name: string;
  /** Asked of adapters whose capabilities promise it. Without this: of all. */
  readonly applies?: (capabilities: AdapterCapabilities) => boolean;
  /** Needs the `disturb` hook. */
  readonly disturbs?: true;
  readonly run: (context: CheckContext) => Promise<void>;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}
