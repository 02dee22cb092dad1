import type { Cursor, ErrorBody } from '@hipponot/pubsub-core';

/** What an emit ended with. Every repeat of it gets the same. */
export type EmitOutcome =
  | {
      readonly ok: true;
      readonly resultJson?: string | undefined;
      readonly cursor?: Cursor | undefined;
    }
  | { readonly ok: false; readonly error: ErrorBody };

/** Which emit, whose, and with what. */
export interface EmitClaim {
  readonly event: string;
  readonly id: string;
  /** `undefined`: anonymous. */
  readonly userId: string | undefined;
  /** A hash of channel and payload: the same id with another one is a conflict. */
  readonly fingerprint: string;
}

/** The right to run an emit, until it is settled or released. */
export interface EmitRun {
  /** 1 for the first run. */
  readonly attempt: number;
  /** The action succeeded in an earlier run, only the publish did not: it is not run again. */
  readonly acted: { readonly resultJson: string | undefined } | undefined;
  /** The action has succeeded with this result; what is left is the publish. */
  markActed(resultJson: string | undefined): Promise<void>;
  /** It is over: every repeat inside the window gets this outcome. */
  settle(outcome: EmitOutcome): Promise<void>;
  /** It failed for now: those who wait get this error, a later repeat runs again. */
  release(error: ErrorBody): Promise<void>;
}

/** What a claim found. */
export type EmitStart =
  | { readonly status: 'run'; readonly run: EmitRun }
  | { readonly status: 'repeat'; readonly outcome: EmitOutcome }
  | { readonly status: 'conflict' };

/**
 * Remembers emits by event and id, so that each takes effect once inside the window. `begin` MUST be
 * atomic, and waits for the end of a run of the same emit.
 */
export interface EmitLedger {
  begin(claim: EmitClaim, windowMs: number): Promise<EmitStart>;
}

/** Bounds of the ledger in memory. */
export interface MemoryLedgerOptions {
  /** Emits remembered. Beyond, the oldest that are not running are forgotten. */
  readonly maxIds: number;
  /** Bytes of results remembered. Beyond, as with `maxIds`. */
  readonly maxBytes: number;
  /** Told once per second at most how many were forgotten inside their window since it was last told. */
  readonly onForgotten?: (forgotten: number) => void;
  readonly now?: () => number;
}

interface Entry {
  readonly userId: string | undefined;
  readonly fingerprint: string;
  readonly expiresAt: number;
  attempts: number;
  acted: { readonly resultJson: string | undefined } | undefined;
  /** While it runs: resolves with what those who wait get. */
  running: Promise<EmitOutcome> | undefined;
  outcome: EmitOutcome | undefined;
  bytes: number;
}

/** The ledger of one process. It is empty after a restart: then only the adapter's own window is left. */
export function memoryLedger(options: MemoryLedgerOptions): EmitLedger {
  const now = options.now ?? Date.now;
  // Insertion order is age, since every entry of a server has the same window.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const forget = (key: string, entry: Entry): void => {
    entries.delete(key);
    bytes -= entry.bytes;
  };
  // A full ledger forgets one with every emit: one line a second says it as well.
  let untold = 0;
  let toldAt = -Infinity;
  const tell = (forgotten: number): void => {
    untold += forgotten;
    if (now() - toldAt < 1000) return;
    const count = untold;
    untold = 0;
    toldAt = now();
    options.onForgotten?.(count);
  };
  const trim = (): void => {
    let forgotten = 0;
    for (const [key, entry] of entries) {
      const expired = entry.expiresAt <= now();
      if (!expired && entries.size <= options.maxIds && bytes <= options.maxBytes) break;
      if (entry.running) continue;
      forget(key, entry);
      if (!expired) forgotten += 1;
    }
    if (forgotten > 0) tell(forgotten);
  };
  const weigh = (key: string, entry: Entry): void => {
    if (entries.get(key) !== entry) return;
    const resultJson = entry.outcome?.ok ? entry.outcome.resultJson : entry.acted?.resultJson;
    const weight = key.length + (resultJson?.length ?? 0);
    bytes += weight - entry.bytes;
    entry.bytes = weight;
    trim();
  };

  const start = (key: string, entry: Entry): EmitStart => {
    entry.attempts += 1;
    let end: (outcome: EmitOutcome) => void = () => undefined;
    entry.running = new Promise((resolve) => {
      end = resolve;
    });
    const finish = (outcome: EmitOutcome): void => {
      entry.running = undefined;
      end(outcome);
      weigh(key, entry);
    };
    const run: EmitRun = {
      attempt: entry.attempts,
      acted: entry.acted,
      markActed: async (resultJson) => {
        entry.acted = { resultJson };
      },
      settle: async (outcome) => {
        entry.outcome = outcome;
        finish(outcome);
      },
      release: async (error) => finish({ ok: false, error }),
    };
    return { status: 'run', run };
  };

  return {
    async begin(claim, windowMs) {
      const key = `${claim.event} ${claim.id}`;
      trim();
      const known = entries.get(key);
      if (known && known.expiresAt > now()) {
        if (known.userId !== claim.userId || known.fingerprint !== claim.fingerprint)
          return { status: 'conflict' };
        if (known.running) return { status: 'repeat', outcome: await known.running };
        if (known.outcome) return { status: 'repeat', outcome: known.outcome };
        return start(key, known);
      }
      if (known) forget(key, known);
      const entry: Entry = {
        userId: claim.userId,
        fingerprint: claim.fingerprint,
        expiresAt: now() + windowMs,
        attempts: 0,
        acted: undefined,
        running: undefined,
        outcome: undefined,
        bytes: 0,
      };
      entries.set(key, entry);
      const started = start(key, entry);
      weigh(key, entry);
      return started;
    },
  };
}
