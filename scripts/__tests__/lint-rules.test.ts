import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Every rule that holds the house together is tried on a file that breaks it: a lint rule whose
// pattern matches nothing passes for ever, and nobody sees it.

const root = fileURLToPath(new URL('../..', import.meta.url));
const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
let folder: string;

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

/** Lints files laid out as in the repo, under the repo's own configuration. */
function lint(files: Readonly<Record<string, string>>): Map<string, string[]> {
  const place = mkdtempSync(join(folder, 'case-'));
  cpSync(join(root, '.oxlintrc.json'), join(place, '.oxlintrc.json'));
  // A small program of its own, or the type-aware rules look for one all the way up.
  writeFileSync(join(place, 'tsconfig.json'), '{ "include": ["packages", "playground"] }');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), text);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [oxlint, '--type-aware', '--format=json'],
    {
      cwd: place,
      encoding: 'utf8',
    },
  );
  if (!stdout.startsWith('{')) throw new Error(`oxlint gave no report: ${stdout}${stderr}`);
  const codes = new Map<string, string[]>(Object.keys(files).map((file) => [file, []]));
  for (const { code, filename } of (JSON.parse(stdout) as Report).diagnostics) {
    codes.get(filename)?.push(code);
  }
  return codes;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const restricted = 'eslint(no-restricted-imports)';
const names = ['core', 'adapters', 'server', 'client', 'react', 'devtools', 'testing', 'codegen'];
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  adapters: ['core'],
  server: ['core'],
  client: ['core'],
  react: ['core', 'client'],
  devtools: ['client'],
  codegen: ['core'],
};

describe('the import arrows', () => {
  const cases = Object.entries(arrows).flatMap(([from, allowed]) =>
    names.map((to) => ({ from, to, ok: allowed.includes(to) })),
  );
  let codes: Map<string, string[]>;
  const file = (from: string, to: string): string => `packages/pubsub-${from}/src/uses-${to}.ts`;

  beforeAll(() => {
    codes = lint(
      Object.fromEntries(
        cases.map(({ from, to }) => [
          file(from, to),
          `import { thing } from '@hipponot/pubsub-${to}';\nexport const used: unknown = thing;\n`,
        ]),
      ),
    );
  });

  it.each(cases)('$from → $to: allowed $ok', ({ from, to, ok }) => {
    expect(codes.get(file(from, to))).toEqual(ok ? [] : [restricted]);
  });
});

const broken: readonly (readonly [title: string, file: string, text: string, code: string])[] = [
  [
    'an entry below the root of a package is still the other package',
    'packages/pubsub-server/src/a.ts',
    "export { memory } from '@hipponot/pubsub-adapters/in-memory';\n",
    restricted,
  ],
  [
    'the own barrel',
    'packages/pubsub-client/src/sse/a.ts',
    "export { a } from '../index.ts';\n",
    restricted,
  ],
  [
    'the barrel of a neighbour folder',
    'packages/pubsub-core/src/wire/a.ts',
    "export { a } from '../types/index.ts';\n",
    restricted,
  ],
  [
    'a path into another package',
    'packages/pubsub-client/src/a.ts',
    "export { a } from '../../pubsub-core/src/a.ts';\n",
    restricted,
  ],
  [
    'a schema library in the client',
    'packages/pubsub-client/src/a.ts',
    "import { z } from 'zod';\nexport const a: unknown = z.string();\n",
    restricted,
  ],
  [
    'a default export',
    'packages/pubsub-core/src/a.ts',
    'export default 1;\n',
    'import(no-default-export)',
  ],
  [
    'any in a source',
    'packages/pubsub-core/src/a.ts',
    'export const a: any = 1;\n',
    'typescript(no-explicit-any)',
  ],
  [
    'a relative import without its extension',
    'packages/pubsub-core/src/a.ts',
    "export { b } from './b';\n",
    'import(extensions)',
  ],
  [
    'a hook called under a condition',
    'packages/pubsub-react/src/a.ts',
    "import { useState } from 'react';\nexport function useA(on: boolean): unknown {\n  if (on) return useState(0);\n  return null;\n}\n",
    'react(hooks)',
  ],
  [
    'a ref written during render',
    'packages/pubsub-react/src/a.ts',
    "import { useRef } from 'react';\nexport function useA(next: () => void): () => void {\n  const ref = useRef(next);\n  ref.current = next;\n  return () => ref.current();\n}\n",
    'react(refs)',
  ],
  [
    'an image without a text',
    'playground/src/a.tsx',
    "export const a: unknown = <img src='a.png' />;\n",
    'jsx-a11y(alt-text)',
  ],
  [
    'a promise nobody waits for',
    'packages/pubsub-core/src/a.ts',
    'export function a(): void {\n  Promise.resolve(1);\n}\n',
    'typescript(no-floating-promises)',
  ],
  [
    'a test that runs alone',
    'packages/pubsub-core/src/__tests__/a.test.ts',
    "import { expect, it } from 'vitest';\nit.only('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
    'vitest(no-focused-tests)',
  ],
  [
    'a test that is switched off',
    'packages/pubsub-core/src/__tests__/a.test.ts',
    "import { expect, it } from 'vitest';\nit.skip('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
    'vitest(no-disabled-tests)',
  ],
];

describe('the house rules', () => {
  it.each(broken)('refuse %s', (_title, file, text, code) => {
    expect(lint({ [file]: text }).get(file)).toContain(code);
  });

  it('refuse a cycle', () => {
    const codes = lint({
      'packages/pubsub-core/src/a.ts': "export { b as a } from './b.ts';\n",
      'packages/pubsub-core/src/b.ts': "export { a as b } from './a.ts';\n",
    });
    expect([...codes.values()].flat()).toContain('import(no-cycle)');
  });

  it('let a test import what it needs', () => {
    const file = 'packages/pubsub-client/src/__tests__/integration/a.test.ts';
    const text =
      "import { createPubSub } from '@hipponot/pubsub-server';\nimport { createClient } from '../../index.ts';\nexport const both: unknown = [createPubSub, createClient];\n";
    expect(lint({ [file]: text }).get(file)).toEqual([]);
  });
});
