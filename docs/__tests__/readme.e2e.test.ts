import { rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { chromium } from 'playwright';
import { createServer as createVite } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumArgs, findChromium } from '../../scripts/browser/find-chromium.ts';
import { resolveFromSource } from '../../scripts/vitest/projects.ts';
import { filesIn } from './code-blocks.ts';
import { compile, scratchApp } from './scratch-app.ts';

// The README's code, taken out word for word, compiled and run in a real browser.
const folder = scratchApp('readme', filesIn('README.md'));

beforeAll(() => {
  writeFileSync(
    join(folder, 'index.html'),
    '<div id="root"></div><script type="module" src="/main.tsx"></script>',
  );
  writeFileSync(
    join(folder, 'main.tsx'),
    `import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
createRoot(document.getElementById('root')!).render(<App />);
`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README's code compiles under the strictest options", () => {
  compile(folder);
});

test("the README's app goes live in a browser and counts what it creates", async () => {
  process.env['PORT'] = '0';
  const { server, pubsub } = (await import(join(folder, 'server.ts'))) as {
    server: Server;
    pubsub: { stop(): Promise<void> };
  };
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const vite = await createVite({
    ...resolveFromSource,
    configFile: false,
    root: folder,
    logLevel: 'error',
    plugins: [react()],
    server: { port: 0, host: '127.0.0.1', proxy: { '/pubsub': `http://127.0.0.1:${port}` } },
  });
  await vite.listen();
  const { executablePath } = findChromium() ?? {};
  const browser = await chromium.launch({
    args: [...chromiumArgs],
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    const page = await browser.newPage();
    await page.goto(vite.resolvedUrls?.local[0] ?? '');
    await page.getByRole('button', { name: 'live: 0 orders' }).click();
    await page.getByRole('button', { name: 'live: 1 orders' }).waitFor();
    expect(await page.getByRole('button').textContent()).toBe('live: 1 orders');
  } finally {
    await browser.close();
    await vite.close();
    await pubsub.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
