import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Rule {
  readonly why: string;
  readonly pattern: RegExp;
  /** Only these files; all of them when it is missing. */
  readonly in?: RegExp;
}

const sources = /^(packages|playground|chaos|examples|benchmarks|scripts)\/.*\.(ts|tsx)$/;

const rules: readonly Rule[] = [
  {
    why: 'a path of somebody’s machine',
    pattern: /(?<![\w.:/-])\/(?:home|Users|root|work|mnt|private)\/[\w.-]+/,
  },
  {
    why: 'the address of a registry',
    pattern: /https?:\/\/[\w.-]*(?:registry|verdaccio|npmjs\.org)/,
  },
  { why: 'a conflict left in', pattern: /^(?:<{7} |>{7} )/ },
  { why: 'a note of unfinished work', pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/, in: sources },
  // `useUtils` is tRPC's.
  {
    why: 'a name that names nothing',
    pattern: /\b(?!useUtils\b)\w*(?:Manager|Helper|Utils?)\b/,
    in: sources,
  },
  // Text that an editor shows in another order than the compiler reads it.
  { why: 'an invisible control character', pattern: /[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/ },
];

const binary = /\.(png|jpe?g|gif|webp|avif|ico|woff2?|gz|tgz|zip)$/;
/** These must name what they look for. */
const exempt = /^(pnpm-lock\.yaml|scripts\/check\/words\.ts|scripts\/__tests__\/.*)$/;

/** What a line of this file must not say, with the reason. */
export function wordsIn(file: string, text: string): string[] {
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const rule of rules) {
      if (rule.in && !rule.in.test(file)) continue;
      const found = rule.pattern.exec(line)?.[0];
      if (found !== undefined) problems.push(`${file}:${index + 1}: ${rule.why}: ${found}`);
    }
  }
  return problems;
}

/** Reads every text file of the repo for words that do not belong there, and its name. */
export function badWords(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    if (binary.test(file) || exempt.test(file)) return [];
    const named =
      sources.test(file) && /(?:manager|helper|utils?)s?[.-]/i.test(basename(file))
        ? [`${file}: a file whose name names nothing`]
        : [];
    return [...named, ...wordsIn(file, readFileSync(join(root, file), 'utf8'))];
  });
}
