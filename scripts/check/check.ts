/** What a check found: nothing, or what to show. */
export interface Outcome {
  readonly ok: boolean;
  /** A few words behind the check's name, such as a count. */
  readonly note?: string;
  /** What went wrong, or a table worth seeing. */
  readonly output?: string;
}

export interface Check {
  readonly name: string;
  readonly run: () => Outcome | Promise<Outcome>;
}

/** A check that looks for problems itself: green when it found none. */
export function outcomeOf(problems: readonly string[], note?: string): Outcome {
  return {
    ok: problems.length === 0,
    ...(note === undefined ? {} : { note }),
    output: problems.join('\n'),
  };
}
