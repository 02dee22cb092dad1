import { readFileSync } from 'node:fs';

/** The code blocks of a page that name their file in the first line: file name → text. */
export function filesIn(page: string): Map<string, string> {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const files = new Map<string, string>();
  for (const [, code = ''] of text.matchAll(/^```tsx?\n(.*?)^```$/gms)) {
    const name = /^\/\/ (\S+)\n/.exec(code)?.[1];
    if (name) files.set(name, code);
  }
  return files;
}
