import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder with a page's code in it, word for word, that resolves packages as `docs` does. */
export function scratchApp(name: string, files: ReadonlyMap<string, string>): string {
  const folder = fileURLToPath(new URL(`../.scratch/${name}/`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../packages/typescript-config/base.json',
      compilerOptions: { types: ['node'] },
      include: ['*.ts', '*.tsx'],
    }),
  );
  return folder;
}

/** Compiles the folder under the strictest options; throws with what the compiler said. */
export function compile(folder: string): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  try {
    execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '--noEmit', '-p', folder]);
  } catch (error) {
    throw new Error(String((error as { stdout?: Buffer }).stdout), { cause: error });
  }
}
