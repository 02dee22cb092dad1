import { expect, it } from 'vitest';
import { wordsIn } from '../check/words.ts';

const source = 'packages/pubsub-core/src/a.ts';

it.each([
  ['docs/a.md', 'see /home/someone/repo', 'a path of somebody’s machine: /home/someone'],
  ['docs/a.md', 'see /Users/someone/repo', 'a path of somebody’s machine: /Users/someone'],
  [
    '.npmrc',
    'registry=https://registry.example.com/',
    'the address of a registry: https://registry',
  ],
  ['docs/a.md', '<<<<<<< HEAD', 'a conflict left in: <<<<<<< '],
  [source, '// TODO later', 'a note of unfinished work: TODO'],
  [source, 'class StreamManager {}', 'a name that names nothing: StreamManager'],
  [source, 'const a = "\u202Eb";', 'an invisible control character: \u202E'],
])('finds in %s: %s', (file, line, problem) => {
  expect(wordsIn(file, `\n${line}\n`)).toEqual([`${file}:2: ${problem}`]);
});

it.each([
  ['docs/a.md', 'GET /pubsub/stream, https://example.com/work/items, orders/home/1'],
  ['docs/a.md', 'a manager of nothing, a helper'],
  [source, "import type { A } from './types.ts'; // home, root"],
])('lets through in %s: %s', (file, line) => {
  expect(wordsIn(file, line)).toEqual([]);
});
