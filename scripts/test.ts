import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Need } from './test/need.ts';
import { notRun, readRun, type Result, type VitestReport } from './test/result.ts';
import { suites, type Suite } from './test/suites.ts';
import { resultTable } from './test/result-table.ts';

// Runs every suite in turn and ends with one honest table. `npm test`, or `npm test -- node react`.

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, '.cache', 'test');
const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const ci = !['', '0', 'false', undefined].includes(process.env['CI']);
/** A suite that hangs must not take the whole run with it. */
const suiteTimeoutMs = 15 * 60_000;

const asked = process.argv.slice(2).filter((argument) => argument !== '--');
const unknown = asked.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `No suite is called ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = asked.length > 0 ? suites.filter(({ name }) => asked.includes(name)) : suites;

console.log('Suites, one after another:');
for (const { name, tests } of chosen) console.log(`  ${name.padEnd(8)} ${tests}`);
console.log('');
const missing = provide(chosen);

mkdirSync(reports, { recursive: true });
const results: Result[] = [];
for (const suite of chosen) {
  const lacking = suite.needs.find((need) => missing.has(need));
  if (lacking) {
    const reason = `no ${lacking.name}: ${missing.get(lacking)}`;
    console.error(`\n!! ${suite.name} did not run: ${reason}\n`);
    results.push(notRun(suite.name, reason, ci));
  } else {
    results.push(await run(suite));
  }
}

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\n${resultTable(results)}\n`);
if (missing.size > 0 && !ci) console.log('Suites that did not run are failures under CI.\n');
process.exitCode = failed > 0 ? 1 : 0;
// Last, and alone on its line: it is what a person and CI read first.
console.log(`${passed} passed, ${failed} failed`);

/** Finds or installs what the suites need, saying so first. Gives what stayed missing, with the reason. */
function provide(wanted: readonly Suite[]): Map<Need, string> {
  const absent = new Map<Need, string>();
  for (const need of new Set(wanted.flatMap(({ needs }) => needs))) {
    const users = wanted.filter(({ needs }) => needs.includes(need)).map(({ name }) => name);
    const found = need.find();
    if (found) {
      console.log(`${need.name}, for ${users.join(' and ')}: ${found}. Nothing to download.`);
      continue;
    }
    const { what, commands } = need.plan();
    console.log(`${need.name}, for ${users.join(' and ')}, is not on this machine.`);
    console.log(`  Downloading ${what}: ${need.why}.`);
    const reason = install(commands);
    if (need.find()) console.log(`  ${need.name} is here.`);
    else absent.set(need, reason ?? 'the install left none');
  }
  return absent;
}

function install(commands: readonly (readonly [string, ...string[]])[]): string | undefined {
  for (const [command, ...args] of commands) {
    console.log(`  $ ${[command, ...args].join(' ')}`);
    const { status, error } = spawnSync(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 10 * 60_000,
    });
    if (status !== 0)
      return `\`${command}\` ${error ? error.message : `ended with code ${status}`}`;
  }
  return undefined;
}

/** Runs one vitest project with its readable output, and reads its JSON report. */
async function run({ name }: Suite): Promise<Result> {
  const outputFile = join(reports, `${name}.json`);
  // A report of an earlier run must not speak for this one.
  rmSync(outputFile, { force: true });
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}`);
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      vitest,
      'run',
      `--project=${name}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${outputFile}`,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const timer = setTimeout(() => child.kill('SIGTERM'), suiteTimeoutMs);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...end) => resolve(end));
    },
  );
  clearTimeout(timer);
  const seconds = (performance.now() - began) / 1000;
  return readRun({ suite: name, exitCode, signal, report: readReport(outputFile), seconds, ci });
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}
