import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright';
import { expect, it, onTestFinished } from 'vitest';
import { chromiumArgs, findChromium } from '../browser/find-chromium.ts';
import { anyPort } from '../dev/free-port.ts';

const script = join(import.meta.dirname, '..', 'dev.ts');

it('npm start shows a page that moves by itself, and Ctrl-C leaves nothing', async () => {
  const child = spawn(process.execPath, ['--conditions=@hipponot/source', script], {
    env: { ...process.env, PORT: String(await anyPort()) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`npm start ended with code ${code} before it had a page.`);
  });
  const [{ url, server }] = (await Promise.race([once(child, 'message'), ended])) as [
    { url: string; server: { port: number } },
  ];
  ended.catch(() => {});

  const executablePath = findChromium()?.executablePath;
  const browser = await chromium.launch({
    args: [...chromiumArgs],
    ...(executablePath ? { executablePath } : {}),
  });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url);
  const text = (): Promise<string> => page.locator('body').innerText();
  await page.locator('main').first().waitFor();
  const before = await text();
  while ((await text()) === before) await delay(100);
  expect(errors).toEqual([]);

  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow();
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
});
