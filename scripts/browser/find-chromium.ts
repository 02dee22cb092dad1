import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

export interface Chromium {
  /** Absolute path, or `undefined` where Playwright finds its own build by itself. */
  readonly executablePath: string | undefined;
  /** Where it came from, for people to read. */
  readonly source: string;
}

/**
 * Arguments for a headless Chromium that talks to nothing but the tests' own servers. Without
 * `--disable-background-networking` some networks refuse its own connections, and tests with them.
 */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const extensions = process.platform === 'win32' ? ['.exe'] : [''];

/** Looks for `CHROMIUM_PATH`, then a Chromium on the PATH, then the one Playwright downloaded. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): Chromium | undefined {
  const named = env['CHROMIUM_PATH'];
  if (named) {
    if (existsSync(named)) return { executablePath: named, source: 'CHROMIUM_PATH' };
    console.warn(`CHROMIUM_PATH is ${named}, and no file is there: looking elsewhere.`);
  }
  for (const name of names) {
    for (const folder of (env['PATH'] ?? '').split(delimiter)) {
      for (const extension of extensions) {
        const file = join(folder, name + extension);
        if (folder && existsSync(file)) return { executablePath: file, source: 'the PATH' };
      }
    }
  }
  return existsSync(chromium.executablePath())
    ? { executablePath: undefined, source: "Playwright's own download" }
    : undefined;
}
