import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Text without fenced blocks and inline code, where a bracket is no link. Lines are kept. */
function withoutCode(markdown: string): string {
  let fence: string | undefined;
  return markdown
    .split('\n')
    .map((line) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence) {
        if (mark?.startsWith(fence)) fence = undefined;
        return '';
      }
      if (mark) fence = mark;
      return mark ? '' : line.replaceAll(/(`+)(?:(?!\1).)+\1/g, '');
    })
    .join('\n');
}

/** The anchors that a page of this text gets: one a heading, repeats numbered, and named elements. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  let fenced = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*(`{3,}|~{3,})/.test(line)) fenced = !fenced;
    const title = fenced ? undefined : /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (title !== undefined) {
      const slug = title
        .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/<[^>]+>/g, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
        .replaceAll(' ', '-');
      let unique = slug;
      for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
      anchors.add(unique);
    }
  }
  for (const [, name] of markdown.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) {
    if (name) anchors.add(name);
  }
  return anchors;
}

/** Where a text points to: links, images, reference definitions, and `href` or `src` of elements. */
export function targetsOf(markdown: string): string[] {
  const text = withoutCode(markdown);
  const patterns = [
    /\]\(\s*<?([^)\s>]+)>?(?:\s+["'(][^)]*)?\)/g,
    /^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm,
    /\b(?:href|src|srcset)="([^"]+)"/g,
  ];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []),
  );
}

/** Relative links of the Markdown files whose file, or whose heading, does not exist. */
export function brokenLinks(root: string, files: readonly string[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const target of targetsOf(readFileSync(join(root, file), 'utf8'))) {
      if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const wanted = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)));
      if (path.startsWith('/') || wanted.startsWith('..')) {
        problems.push(`${file}: ${target} leads out of the repo`);
      } else if (!existsSync(join(root, wanted))) {
        problems.push(`${file}: ${target} leads to no file`);
      } else if (
        anchor !== undefined &&
        wanted.endsWith('.md') &&
        !anchorsOf(readFileSync(join(root, wanted), 'utf8')).has(decodeURIComponent(anchor))
      ) {
        problems.push(`${file}: ${target} leads to no heading`);
      }
    }
  }
  return problems;
}
