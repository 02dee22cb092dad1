import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findChromium } from '../browser/find-chromium.ts';
import type { Need, Plan } from './need.ts';

/** Ubuntu's package of that name only points to a snap, which a container cannot run: Debian alone. */
function isDebian(): boolean {
  const release = '/etc/os-release';
  return existsSync(release) && /^ID=debian$/m.test(readFileSync(release, 'utf8'));
}

function plan(): Plan {
  if (isDebian() && process.getuid?.() === 0) {
    return {
      what: "Debian's package chromium, about 100 MB, by apt-get",
      commands: [
        ['apt-get', 'update', '-qq'],
        ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
      ],
    };
  }
  const manifest = createRequire(import.meta.url).resolve('playwright/package.json');
  return {
    what: "Playwright's Chromium, about 150 MB, by `playwright install chromium`",
    commands: [[process.execPath, join(dirname(manifest), 'cli.js'), 'install', 'chromium']],
  };
}

/** A real, headless Chromium. */
export const chromium: Need = {
  name: 'Chromium',
  why: 'streams, page lifecycle and rendering are tested in a real browser',
  find() {
    const found = findChromium();
    return found && `${found.executablePath ?? 'found'} (${found.source})`;
  },
  plan,
};
