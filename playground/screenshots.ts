import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { chromiumArgs, findChromium } from '../scripts/browser/find-chromium.ts';
import { anyPort } from '../scripts/dev/free-port.ts';
import { startPlayground } from '../scripts/dev/start-playground.ts';

// `pnpm screenshots`: every view in its moments, at every width, in both themes; each is looked at by
// axe, too. `--readme` takes one alone, the README's, and at twice the resolution.

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'screenshots', 'current');
const forReadme = process.argv.includes('--readme');
const themes = forReadme ? (['light'] as const) : (['light', 'dark'] as const);
// At 360 px things stack: high enough to see them all.
const desktop = { width: 1280, height: 800 };
const sizes = forReadme
  ? [desktop]
  : [
      { width: 360, height: 1400 },
      { width: 900, height: 1000 },
      desktop,
      { width: 1600, height: 1000 },
    ];

/** What a page shows, and how to get it there from what it showed before. */
const moments: readonly (readonly [name: string, arrive: (page: Page) => Promise<unknown>])[] = [
  ['orders', (page) => page.locator('[data-tape-event]').nth(5).waitFor()],
  [
    'orders-cut',
    async (page) => {
      await page.getByRole('button', { name: 'Cut the connection of B' }).click();
      await page.locator('[data-at=B]', { hasText: 'to come' }).nth(6).waitFor();
    },
  ],
  [
    'orders-returned',
    async (page) => {
      // Nothing new pushes what was replayed off the tape.
      await page.getByRole('button', { name: 'Pause the house' }).click();
      await page.getByRole('button', { name: 'Open the house' }).waitFor();
      await page.getByRole('button', { name: 'Let B return' }).click();
      await page.getByText('recovered').first().waitFor();
      await page.locator('[data-ledger-lag="0"]').waitFor();
    },
  ],
  [
    'orders-code',
    async (page) => {
      await page.getByRole('button', { name: 'Open the house' }).click();
      await page
        .getByRole('button', { name: /lines behind this list/ })
        .first()
        .click();
    },
  ],
  [
    'chat',
    async (page) => {
      await page.getByRole('link', { name: 'Chat' }).click();
      await page.getByRole('log').first().getByText('croissants').waitFor();
      const [ada, ben] = [
        page.getByRole('textbox', { name: /^Ada/ }),
        page.getByRole('textbox', { name: /^Ben/ }),
      ];
      await ben.fill('Two oat cappuccinos are ready at the window.');
      await ben.press('Enter');
      await ada.fill('Thanks, on my way.');
      await ada.press('Enter');
      await page.getByText('confirmed').nth(1).waitFor();
      await ada.fill('Can you do one decaf for table 4?');
      await ada.press('Enter');
      await page.getByText('Not said').waitFor();
    },
  ],
];

const found = findChromium();
if (!found) throw new Error('No Chromium: install one, or name it by CHROMIUM_PATH.');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const playground = await startPlayground({
  folder: import.meta.dirname,
  configFile: join(root, 'vite.config.ts'),
  port: await anyPort(),
  strictPort: true,
});
const browser = await chromium.launch({
  args: [...chromiumArgs],
  ...(found.executablePath ? { executablePath: found.executablePath } : {}),
});

let faults = 0;
try {
  for (const theme of themes) {
    const context = await browser.newContext({
      colorScheme: theme,
      reducedMotion: 'reduce',
      deviceScaleFactor: forReadme ? 2 : 1,
    });
    const page = await context.newPage();
    await page.goto(playground.url);
    for (const [name, arrive] of forReadme ? moments.slice(0, 3) : moments) {
      await page.setViewportSize(desktop);
      await arrive(page);
      for (const size of sizes) {
        await page.setViewportSize(size);
        const path = forReadme
          ? join(root, 'docs', 'images', 'playground.png')
          : join(folder, `playground-${name}-${size.width}-${theme}.png`);
        await page.screenshot({ path });
        const { violations } = await new AxeBuilder({ page }).analyze();
        faults += violations.length;
        console.log(
          `${violations.length === 0 ? 'ok   ' : 'FAULT'} ${name} ${size.width} ${theme}`,
        );
        for (const { id, help, nodes } of violations) {
          console.log(`      ${id}: ${help}`);
          for (const node of nodes)
            console.log(`        ${node.html}\n        ${node.failureSummary}`);
        }
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await playground.close();
}
console.log(
  `\n${forReadme ? 'docs/images/playground.png' : folder}\naxe found ${faults === 0 ? 'nothing' : `${faults} faults`}.`,
);
process.exitCode = faults === 0 ? 0 : 1;
