import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const map = readFileSync(new URL('docs/spec-map.md', root), 'utf8');
const rows = map
  .split('\n')
  .filter((line) => line.startsWith('| §'))
  .map((line) => {
    const [, clause = '', file = '', name = ''] = line.split('|').map(strip);
    return { clause, file, name, line };
  });

function strip(cell: string): string {
  return cell.trim().replaceAll('`', '');
}

describe('docs/spec-map.md', () => {
  test('has a row for every section of the specification that asks for something', () => {
    for (const section of [
      '§1',
      '§2',
      '§3.1',
      '§3.2',
      '§4.1',
      '§4.2',
      '§5',
      '§6.1',
      '§6.2',
      '§7.1',
      '§7.2',
      '§8.1',
      '§8.2',
      '§9',
      '§10.1',
      '§10.2',
      '§10.3',
      '§10.4',
      '§10.5',
    ]) {
      expect(
        rows.some(({ clause }) => clause.includes(section)),
        section,
      ).toBe(true);
    }
  });

  test.each(rows.filter(({ file }) => file !== ''))(
    '$clause: $file exists and exports $name',
    ({ file, name }) => {
      const url = new URL(file, root);
      expect(existsSync(url), file).toBe(true);
      if (name) expect(readFileSync(url, 'utf8')).toMatch(new RegExp(`export [^;]*\\b${name}\\b`));
    },
  );

  test.each(rows.filter(({ file }) => file === ''))(
    '$clause: without a file it says later or left out',
    ({ line }) => {
      expect(line).toMatch(/\*\*later\*\*|left out/);
    },
  );
});
