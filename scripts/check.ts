import type { Check, Outcome } from './check/check.ts';
import { checks } from './check/checks.ts';

// Runs every check, also after one has failed, one line each. `pnpm check`, or `pnpm check lint size`.

const asked = process.argv.slice(2).filter((argument) => argument !== '--');
const chosen =
  asked.length > 0
    ? checks.filter(({ name }) => asked.some((word) => name.startsWith(word)))
    : checks;
if (chosen.length === 0) {
  console.error(`No check starts so. There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const width = Math.max(...chosen.map(({ name }) => name.length));
const failed: string[] = [];
for (const { name, run } of chosen) {
  const began = performance.now();
  const { ok, note, output } = await outcomeOrError(run);
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(
    `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(width)} ${seconds} s  ${note ?? ''}`.trimEnd(),
  );
  if (output) console.log(`\n${output}\n`);
  if (!ok) failed.push(name);
}
console.log(
  failed.length === 0 ? `All ${chosen.length} checks hold.` : `Failed: ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A check that breaks has failed; the others still run. */
async function outcomeOrError(run: Check['run']): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return { ok: false, output: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
}
