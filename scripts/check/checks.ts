import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { measure, sizeTable } from '../size/measure.ts';
import { outcomeOf, type Check } from './check.ts';
import { outcomeOfTool, pnpm, root } from './command.ts';
import { brokenLinks } from './doc-links.ts';
import { repoFiles } from './files.ts';
import { registryAddresses } from './lock-file.ts';
import { checkAllPacked } from './packed.ts';
import { badWords } from './words.ts';

/** The root, and every folder of the workspace that has a program of its own. */
function programs(): string[] {
  const folders = ['packages', 'examples', 'benchmarks']
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`));
  return ['.', ...folders, 'playground', 'chaos', 'benchmarks', 'devtools-extension'].filter(
    (folder) => existsSync(join(root, folder, 'tsconfig.json')),
  );
}

/** What `pnpm check` looks at, in this order: the quick ones first. */
export const checks: readonly Check[] = [
  { name: 'format', run: () => outcomeOfTool('oxfmt', '--check') },
  { name: 'lint', run: () => outcomeOfTool('oxlint', '--type-aware', '--deny-warnings') },
  {
    name: 'lock file',
    run: () => outcomeOf(registryAddresses(root, repoFiles())),
  },
  { name: 'words', run: () => outcomeOf(badWords(root, repoFiles())) },
  {
    name: 'doc links',
    run: () => {
      const pages = repoFiles().filter((file) => file.endsWith('.md'));
      return outcomeOf(brokenLinks(root, pages), `${pages.length} pages`);
    },
  },
  {
    name: 'workspace',
    // The version of pnpm is the caller's, and folders to come are named already.
    run: () =>
      outcomeOfTool('sherif', '-r', 'root-package-manager-field', '-r', 'non-existant-packages'),
  },
  { name: 'unused', run: () => outcomeOfTool('knip', '--treat-config-hints-as-errors') },
  ...programs().map((folder) => ({
    name: `types ${folder === '.' ? 'of the root' : folder}`,
    run: () => outcomeOfTool('tsc', '--noEmit', '-p', join(folder, 'tsconfig.json')),
  })),
  {
    name: 'build',
    run: async () => {
      const { code, output } = await pnpm(['run', 'build']);
      return { ok: code === 0, output: code === 0 ? '' : output };
    },
  },
  { name: 'packed', run: checkAllPacked },
  {
    name: 'size',
    run: async () => {
      // Bytes as published; a build has swallowed what it bundled, so sources tell what is inside.
      const built = await measure('dist');
      const { problems } = await measure('source');
      const all = [...new Set([...built.problems, ...problems])];
      const debts = built.debts.map((debt) => `NOT HELD: ${debt}`);
      return { ok: all.length === 0, output: [sizeTable(built.rows), ...debts, ...all].join('\n') };
    },
  },
];
