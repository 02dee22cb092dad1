/** What one suite did. */
export interface Result {
  readonly suite: string;
  readonly run: boolean;
  readonly files: number;
  readonly tests: number;
  readonly passed: number;
  /** Failed tests, plus one for each file, or for the whole suite, that failed without naming a test. */
  readonly failed: number;
  /** Tests that were skipped. */
  readonly skipped: number;
  readonly seconds: number;
  /** Why it failed or did not run; empty when all is well. */
  readonly reason: string;
}

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Run {
  readonly suite: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: VitestReport | undefined;
  readonly seconds: number;
  readonly ci: boolean;
}

/** Reads a run as it was, however vitest ended: a suite is green only if tests ran, and all passed. */
export function readRun({ suite, exitCode, signal, report, seconds, ci }: Run): Result {
  const files = report?.testResults ?? [];
  const broken = files.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const tests = report?.numTotalTests ?? 0;
  const passed = report?.numPassedTests ?? 0;
  const failedTests = report?.numFailedTests ?? 0;
  const skipped = tests - passed - failedTests;
  const reasons: string[] = [];
  if (!report) reasons.push('vitest wrote no report');
  else if (tests === 0) reasons.push('no test ran');
  if (failedTests > 0) reasons.push(`${failedTests} failed`);
  if (broken > 0) reasons.push(`${broken} ${broken === 1 ? 'file' : 'files'} did not run through`);
  if (skipped > 0) reasons.push(`${skipped} skipped`);
  const bad = !report || tests === 0 || failedTests > 0 || broken > 0 || (skipped > 0 && ci);
  if (exitCode !== 0) {
    if (signal) reasons.push(`ended by ${signal}`);
    else if (!bad) reasons.push(`exit code ${exitCode}: an error outside the tests`);
  }
  const failed = failedTests + broken;
  return {
    suite,
    run: report !== undefined && tests > 0,
    files: files.length,
    tests,
    passed,
    // An honest total never reads "0 failed" when something did.
    failed: failed === 0 && (bad || exitCode !== 0) ? 1 : failed,
    skipped,
    seconds,
    reason: reasons.join(', '),
  };
}

/** A suite whose need is missing: a failure under CI, loud elsewhere. */
export function notRun(suite: string, reason: string, ci: boolean): Result {
  return {
    suite,
    run: false,
    files: 0,
    tests: 0,
    passed: 0,
    failed: ci ? 1 : 0,
    skipped: 0,
    seconds: 0,
    reason,
  };
}
