import { describe, expect, it } from 'vitest';
import { notRun, readRun, type Run, type VitestReport } from '../test/result.ts';

function report(...files: readonly (readonly string[])[]): VitestReport {
  const all = files.flat();
  return {
    numTotalTests: all.length,
    numPassedTests: all.filter((status) => status === 'passed').length,
    numFailedTests: all.filter((status) => status === 'failed').length,
    testResults: files.map((statuses) => ({
      status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
      assertionResults: statuses.map((status) => ({ status })),
    })),
  };
}

function run(given: Partial<Run>): ReturnType<typeof readRun> {
  return readRun({
    suite: 'node',
    exitCode: 0,
    signal: null,
    report: undefined,
    seconds: 1,
    ci: false,
    ...given,
  });
}

describe('a suite', () => {
  it('is green when tests ran and all passed', () => {
    expect(run({ report: report(['passed', 'passed'], ['passed']) })).toMatchObject({
      run: true,
      files: 2,
      tests: 3,
      passed: 3,
      failed: 0,
      reason: '',
    });
  });

  it('counts its failed tests', () => {
    expect(run({ exitCode: 1, report: report(['passed', 'failed']) })).toMatchObject({
      run: true,
      passed: 1,
      failed: 1,
      reason: '1 failed',
    });
  });

  it('fails when no test ran, even with exit code 0', () => {
    expect(run({ report: report() })).toMatchObject({
      run: false,
      failed: 1,
      reason: 'no test ran',
    });
  });

  it('fails when a file did not load, and its tests are missing from the count', () => {
    expect(run({ exitCode: 1, report: report(['passed'], []) })).toMatchObject({
      passed: 1,
      failed: 1,
      reason: '1 file did not run through',
    });
  });

  it('fails without a report', () => {
    expect(run({ exitCode: 1 })).toMatchObject({ failed: 1, reason: 'vitest wrote no report' });
  });

  it('fails on an error outside the tests', () => {
    expect(run({ exitCode: 1, report: report(['passed']) })).toMatchObject({
      passed: 1,
      failed: 1,
      reason: 'exit code 1: an error outside the tests',
    });
  });

  it('fails when it was ended for taking too long', () => {
    const ended = run({ exitCode: null, signal: 'SIGTERM', report: report(['passed']) });
    expect(ended).toMatchObject({ failed: 1, reason: 'ended by SIGTERM' });
  });

  it('names skipped tests, and fails for them under CI', () => {
    const skipping = report(['passed', 'pending']);
    expect(run({ report: skipping })).toMatchObject({ failed: 0, reason: '1 skipped' });
    expect(run({ report: skipping, ci: true })).toMatchObject({ failed: 1, reason: '1 skipped' });
  });

  it('that could not run fails under CI alone', () => {
    expect(notRun('browser', 'no Chromium', true)).toMatchObject({ run: false, failed: 1 });
    expect(notRun('browser', 'no Chromium', false)).toMatchObject({ run: false, failed: 0 });
  });
});
