import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes } from '../../error-codes.ts';

const protocol = new URL('../../../PROTOCOL.md', import.meta.url);

test('PROTOCOL.md prints the table of error codes that the code has', () => {
  const rows = Object.entries(errorCodes)
    .filter(([, row]) => row.status > 0)
    .map(
      ([code, row]) =>
        `| \`${code}\` | ${row.status} | ${row.retryable ? 'yes' : 'no'} | ${row.meaning} |`,
    );
  const expected = [
    '| code | status | retry | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
  const text = readFileSync(protocol, 'utf8');
  const printed = text.split('<!-- error-codes -->')[1]?.split('<!-- /error-codes -->')[0]?.trim();
  expect(printed).toBe(expected);
});
