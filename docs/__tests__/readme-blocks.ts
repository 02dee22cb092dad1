import { readFileSync } from 'node:fs';

/** The README's code blocks that name their file in the first line: file name → text. */
export function readmeFiles(): Map<string, string> {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const files = new Map<string, string>();
  for (const [, text = ''] of readme.matchAll(/^```tsx?\n(.*?)^```$/gms)) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1];
    if (name) files.set(name, text);
  }
  return files;
}
