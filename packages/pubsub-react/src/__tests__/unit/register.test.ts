// @vitest-environment node
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
const app = join(import.meta.dirname, '../fixtures/registered-app');

test('an app that augments Register gets the global hooks typed by its contract', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    compiler,
    '--noEmit',
    '-p',
    app,
  ]).catch((failure: { stdout: string }) => failure);
  expect(stdout).toBe('');
}, 60_000);
