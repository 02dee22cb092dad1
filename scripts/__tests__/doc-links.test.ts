import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, targetsOf } from '../check/doc-links.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doc-links-'));
  mkdirSync(join(root, 'docs'));
  writeFileSync(
    join(root, 'docs', 'guide.md'),
    '# A guide\n\n## What it’s for\n\n## Again\n\n## Again\n',
  );
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function broken(markdown: string): string[] {
  writeFileSync(join(root, 'README.md'), markdown);
  return brokenLinks(root, ['README.md']);
}

it('lets links through whose file and heading exist', () => {
  expect(
    broken(
      '# Top\n[a](docs/guide.md) [b](docs/guide.md#what-its-for) [c](docs/guide.md#again-1) [d](#top) [e](docs) [f](https://example.com/x)',
    ),
  ).toEqual([]);
});

it.each([
  ['[a](docs/gone.md)', 'README.md: docs/gone.md leads to no file'],
  ['![a](docs/gone.png "title")', 'README.md: docs/gone.png leads to no file'],
  ['<img src="docs/gone.png" />', 'README.md: docs/gone.png leads to no file'],
  ['[a]: docs/gone.md', 'README.md: docs/gone.md leads to no file'],
  ['[a](docs/guide.md#again-2)', 'README.md: docs/guide.md#again-2 leads to no heading'],
  ['[a](#nowhere)', 'README.md: #nowhere leads to no heading'],
  ['[a](../elsewhere.md)', 'README.md: ../elsewhere.md leads out of the repo'],
  ['[a](/docs/guide.md)', 'README.md: /docs/guide.md leads out of the repo'],
])('finds what is broken in %s', (markdown, problem) => {
  expect(broken(markdown)).toEqual([problem]);
});

it('reads no links in code', () => {
  expect(targetsOf('```md\n[a](b.md)\n```\n`[a](b.md)` and ``[a](`b.md)``')).toEqual([]);
});

it('takes no heading from code', () => {
  expect([...anchorsOf('# One\n```sh\n# not one\n```\n## `code` & [link](x.md)')]).toEqual([
    'one',
    'code--link',
  ]);
});
