import { measure, sizeTable } from './size/measure.ts';

// Prints the budget table, minified and gzipped: from sources, or with --dist from the builds.

const { rows, problems, debts } = await measure(
  process.argv.includes('--dist') ? 'dist' : 'source',
);
console.log(sizeTable(rows));
for (const debt of debts) console.warn(`NOT HELD: ${debt}`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
