import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { browserCommands } from '../browser/commands.ts';
import { chromiumArgs, findChromium } from '../browser/find-chromium.ts';
import { inBrowser, notTests, resolveFromSource } from './projects.ts';

/** Tests in a real, headless Chromium. `scripts/test.ts` says what is missing when there is none. */
export function browserProject(root: string): TestProjectInlineConfiguration {
  const chromium = findChromium();
  return {
    ...resolveFromSource,
    test: {
      name: 'browser',
      root,
      include: [inBrowser],
      exclude: notTests,
      globalSetup: ['scripts/browser/global-setup.ts'],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        commands: browserCommands,
        provider: playwright({
          launchOptions: {
            args: [...chromiumArgs],
            ...(chromium?.executablePath ? { executablePath: chromium.executablePath } : {}),
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}
