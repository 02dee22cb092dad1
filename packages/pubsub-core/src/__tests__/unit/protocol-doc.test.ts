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
  expect(cells(printed ?? '')).toEqual(cells(expected));
});

/** The cells, whatever the formatter made of the widths. */
function cells(table: string): string[][] {
  return table
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')));
}
