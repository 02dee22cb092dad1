import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './check.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** The tools of the repo come first, Node 24 among them, also when pnpm did not start this. */
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
  NO_COLOR: '1',
};

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a tool of the repo to its end, and keeps what it said. */
export function runTool(
  command: string,
  args: readonly string[],
  cwd: string = root,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}

/** A check that is a tool: green when it ends with 0. */
export async function outcomeOfTool(command: string, ...args: readonly string[]): Promise<Outcome> {
  const { code, output } = await runTool(command, args);
  return { ok: code === 0, output: code === 0 ? '' : output };
}

/** The pnpm that started this, or the one that `npx` brings. */
export function pnpm(args: readonly string[], cwd: string = root): Promise<Ran> {
  const started = process.env['npm_execpath'];
  return started?.includes('pnpm')
    ? runTool(started, args, cwd)
    : runTool('npx', ['-y', 'pnpm@12', ...args], cwd);
}
