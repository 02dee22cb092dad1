import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A registry's address in the lock file or in a committed `.npmrc` binds every clone to one
 * network: an install elsewhere then fails, or waits on a host that is not there.
 */
export function registryAddresses(root: string, files: readonly string[]): string[] {
  return files
    .filter((file) =>
      /(^|\/)(pnpm-lock\.yaml|package-lock\.json|\.npmrc|\.yarnrc\.yml)$/.test(file),
    )
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          /https?:\/\//.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
}
