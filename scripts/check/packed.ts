import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './check.ts';
import { pnpm, root, runTool } from './command.ts';

interface Manifest {
  readonly name: string;
  readonly exports?: unknown;
  readonly publishConfig?: { readonly exports?: unknown };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Folders of the packages that have something to publish. */
function packageFolders(): string[] {
  return readdirSync(join(root, 'packages'))
    .filter((name) => name.startsWith('pubsub-'))
    .map((name) => join('packages', name));
}

function readManifest(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}

/** What is wrong with a packed package before anyone installs it. */
export function manifestProblems(
  source: Manifest,
  packed: Manifest,
  files: readonly string[],
): string[] {
  const problems: string[] = [];
  if (!source.publishConfig?.exports) problems.push('package.json lacks publishConfig.exports');
  if (!isDeepStrictEqual(packed.exports, source.publishConfig?.exports)) {
    problems.push('the packed exports are not those of publishConfig');
  }
  // Sources are not packed: the condition would lead a consumer to files that do not exist.
  if (JSON.stringify(packed.exports ?? {}).includes('/source')) {
    problems.push('the packed exports hold the source condition');
  }
  for (const [name, range] of Object.entries({
    ...packed.dependencies,
    ...packed.peerDependencies,
  })) {
    if (range.startsWith('workspace:')) problems.push(`the packed dependency ${name} is ${range}`);
  }
  for (const file of files) {
    if (/__tests__|\.tsbuildinfo$|^package\/src\//.test(file)) problems.push(`${file} is packed`);
  }
  return problems;
}

/** Packs a package as it would be published, and looks at it with publint and attw. */
async function checkPacked(folder: string, into: string): Promise<string[]> {
  const cwd = join(root, folder);
  const place = join(into, folder.replaceAll(/[\\/]/g, '-'));
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const pack = await pnpm(['pack', '--pack-destination', place], cwd);
  const name = readdirSync(place).find((file) => file.endsWith('.tgz'));
  if (pack.code !== 0 || !name) return [`${folder}: pnpm pack failed\n${pack.output}`];

  const tarball = join(place, name);
  const [list, manifest, publint, attw] = await Promise.all([
    runTool('tar', ['-tzf', tarball]),
    runTool('tar', ['-xOzf', tarball, 'package/package.json']),
    runTool('publint', ['run', tarball, '--strict']),
    runTool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii']),
  ]);
  const problems = manifestProblems(
    readManifest(readFileSync(join(cwd, 'package.json'), 'utf8')),
    readManifest(manifest.output),
    list.output.split('\n'),
  );
  if (publint.code !== 0) problems.push(`publint\n${publint.output}`);
  if (attw.code !== 0) problems.push(`attw\n${attw.output}`);
  return problems.map((problem) => `${folder}: ${problem}`);
}

export async function checkAllPacked(): Promise<Outcome> {
  const folders = packageFolders();
  const problems: string[] = [];
  for (const folder of folders) {
    problems.push(...(await checkPacked(folder, join(root, '.cache', 'packed'))));
  }
  return {
    ok: problems.length === 0,
    note: `${folders.length} packages`,
    output: problems.join('\n'),
  };
}
