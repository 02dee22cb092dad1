import { table } from '../table.ts';
import type { Result } from './result.ts';

export function resultTable(results: readonly Result[]): string {
  return table(
    ['suite', 'run', 'files', 'tests', 'passed', 'failed', 'time', 'reason'],
    results.map((result) => [
      result.suite,
      result.run ? 'run' : 'NOT RUN',
      String(result.files),
      String(result.tests),
      String(result.passed),
      String(result.failed),
      `${result.seconds.toFixed(1)} s`,
      result.reason,
    ]),
  );
}
