import { AxeBuilder } from '@axe-core/playwright';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { chromiumArgs, findChromium } from '../../scripts/browser/find-chromium.ts';
import { anyPort } from '../../scripts/dev/free-port.ts';

// The playground as `npm start` starts it, in a real browser.
let started: ChildProcess;
let url: string;
let browser: Browser;
let context: BrowserContext | undefined;
/** What went wrong on the page. A request that fails is what a cut and a refusal look like from inside. */
let faults: string[] = [];

beforeAll(async () => {
  started = fork(join(import.meta.dirname, '../../scripts/dev.ts'), {
    env: { ...process.env, PORT: String(await anyPort()) },
    execArgv: ['--conditions=@hipponot/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(started, 'exit').then(() => {
    throw new Error('The playground ended before it listened.');
  });
  [{ url }] = (await Promise.race([once(started, 'message'), ended])) as [{ url: string }];
  const found = findChromium();
  browser = await chromium.launch({
    args: [...chromiumArgs],
    ...(found?.executablePath ? { executablePath: found.executablePath } : {}),
  });
  // The first visit makes the page's modules; afterwards none is made anew under a test.
  const page = await open();
  await page.locator('[data-tape-event]').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  if (started?.exitCode !== null) return;
  started.kill('SIGTERM');
  await once(started, 'exit');
});

afterEach(async () => {
  await context?.close();
  // The house is one for all pages: a test that failed in the middle of a cut leaves none behind.
  const headers = { authorization: 'Bearer ada', 'content-type': 'application/json' };
  await fetch(`${url}trpc/house.cut`, { method: 'POST', headers, body: 'false' });
  expect(faults).toEqual([]);
});

async function open(path = '', theme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
  await context?.close();
  faults = [];
  context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  return visit(context, path);
}

async function visit(of: BrowserContext, path = ''): Promise<Page> {
  const page = await of.newPage();
  page.on('pageerror', (error) => faults.push(String(error.stack)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      faults.push(text);
  });
  await page.goto(url + path);
  return page;
}

const client = (page: Page, letter: 'A' | 'B'): Locator => page.locator(`[data-client=${letter}]`);

/** Both boards at one moment: each order with its status. */
function boards(page: Page): Promise<{ A: string[]; B: string[] }> {
  return page.evaluate(() => {
    const board = (letter: string): string[] =>
      [...document.querySelectorAll<HTMLElement>(`[data-client=${letter}] [data-order]`)].map(
        ({ dataset }) => `${dataset['order']} ${dataset['status']}`,
      );
    return { A: board('A'), B: board('B') };
  });
}

test('the page moves by itself, and what moves lays nothing out anew', async () => {
  const page = await open();
  await page.evaluate(() => {
    Object.assign(globalThis, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) {
        (globalThis as unknown as { shifts: number }).shifts += (
          shift as unknown as { value: number }
        ).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await client(page, 'A').getByText('connected', { exact: true }).waitFor();
  await client(page, 'B').getByText('connected', { exact: true }).waitFor();
  await page.locator('[data-tape-event="orders:created"]').nth(1).waitFor();
  await page.locator('[data-tape-event]').nth(10).waitFor();
  const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
  expect(shifts).toBeLessThan(0.02);
});

test('an order that A creates is on the board of B, moves on from there, and is not missed', async () => {
  const page = await open();
  const [boardA, boardB] = [client(page, 'A'), client(page, 'B')];
  await boardB.locator('[data-order]').first().waitFor();
  await boardA.getByRole('button', { name: 'New order' }).click();
  const id = await boardA.locator('[data-order^="A-"]').first().getAttribute('data-order');
  const there = boardB.locator(`[data-order="${id}"]`);
  await there.waitFor();
  await boardA.locator(`[data-order="${id}"]:not([data-pending])`).waitFor();
  await there.getByRole('button', { name: /Cancel/ }).click();
  await boardA.locator(`[data-order="${id}"][data-status="cancelled"]`).waitFor();
  // Both emits are on the server's account, and on B's.
  await expect
    .poll(async () => Number(await page.locator('[data-ledger-published]').textContent()))
    .toBeGreaterThanOrEqual(2);
  await page.getByRole('button', { name: 'Pause the house' }).click();
  await page.getByRole('button', { name: 'Open the house' }).waitFor();
  await page.locator('[data-ledger-lag="0"]').waitFor();
  await page.getByRole('button', { name: 'Open the house' }).click();
  await page.getByRole('button', { name: 'Pause the house' }).waitFor();
});

test('B is cut, events go on, B returns: nothing is missed, nothing comes twice', async () => {
  const page = await open();
  const [boardA, boardB] = [client(page, 'A'), client(page, 'B')];
  await page.locator('[data-tape-event]').nth(2).waitFor();
  await page.getByRole('button', { name: 'Cut the connection of B' }).click();
  await boardB.getByText('reconnecting').waitFor();
  await boardA.getByRole('button', { name: 'New order' }).click();
  const id = await boardA.locator('[data-order^="A-"]').first().getAttribute('data-order');
  await page.locator('[data-at=B]', { hasText: 'to come' }).nth(4).waitFor();
  expect(await boardB.locator(`[data-order="${id}"]`).count()).toBe(0);

  await page.getByRole('button', { name: 'Let B return' }).click();
  const ledger = page.locator('[data-ledger]');
  await ledger.getByText('recovered').waitFor();
  const sentence = await ledger.textContent();
  expect(sentence).toMatch(/B: recovered · \d+ replayed · 0 missed · 0 twice/);
  expect(Number(/(\d+) replayed/.exec(sentence ?? '')?.[1])).toBeGreaterThanOrEqual(5);
  await page.locator('[data-at=B]', { hasText: 'replayed' }).nth(4).waitFor();
  expect(await page.locator('[data-at=B]', { hasText: 'to come' }).count()).toBe(0);

  await page.getByRole('button', { name: 'Pause the house' }).click();
  await page.getByRole('button', { name: 'Open the house' }).waitFor();
  await page.locator('[data-ledger-lag="0"]').waitFor();
  expect(await ledger.textContent()).toContain('0 missed · 0 twice');
  await expect
    .poll(() => boards(page).then(({ A, B }) => A.length > 10 && A.join() === B.join()))
    .toBe(true);
  expect((await boards(page)).B.join()).toContain(id);
  await page.getByRole('button', { name: 'Open the house' }).click();
  await page.getByRole('button', { name: 'Pause the house' }).waitFor();
});

test('a cut is the same on every page: one opened later shows it, and can end it', async () => {
  const first = await open();
  await first.getByRole('button', { name: 'Cut the connection of B' }).click();
  await client(first, 'B').getByText('reconnecting').waitFor();
  const second = await visit(first.context());
  await second.getByRole('button', { name: 'Let B return' }).waitFor();
  await client(second, 'A').getByText('connected', { exact: true }).waitFor();
  await expect
    .poll(() => client(second, 'B').getByText('connected', { exact: true }).count())
    .toBe(0);
  await first.getByRole('button', { name: 'Let B return' }).waitFor();
  await second.getByRole('button', { name: 'Let B return' }).click();
  for (const page of [first, second]) {
    await page.getByRole('button', { name: 'Cut the connection of B' }).waitFor();
    await client(page, 'B').getByText('connected', { exact: true }).waitFor();
  }
  await first.locator('[data-ledger]').getByText('recovered').waitFor();
});

/** The commands of the playground's README, at the address of this one. */
function curls(): string[] {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const lines = readme.split('\n').filter((line) => line.startsWith('curl '));
  return lines.map((line) => line.replace('http://localhost:5173/', url));
}

/** Runs a command as a shell does, until its output fits. */
async function run(command: string, until: RegExp): Promise<string> {
  const child = spawn('sh', ['-c', `exec ${command}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  try {
    for await (const text of child.stdout.setEncoding('utf8')) {
      output += String(text);
      if (until.test(output)) return output;
    }
  } finally {
    child.kill();
  }
  throw new Error(`${command}\nended with: ${output}`);
}

test("the README's curl lines: anybody watches the orders, those who work here add one", async () => {
  const [stream = '', emit = '', ...more] = curls();
  expect(more).toEqual([]);
  const watching = run(stream, /"orderId":"C-1"/);
  await run(stream, /event: live/);
  expect(await run(emit, /\}$/)).toMatch(/"result":\{"ahead":\d+\}/);
  expect(await watching).toContain('"name":"orders:created"');

  const withoutHeader = emit.replace(/-H 'authorization: [^']*'/, '');
  expect(withoutHeader).not.toBe(emit);
  expect(JSON.parse(await run(withoutHeader, /\}$/))).toMatchObject({
    code: 'forbidden',
    message: 'This user may not emit to "orders".',
  });
  const chat = stream.replace('channel=orders', 'channel=chat/kitchen');
  expect(JSON.parse(await run(chat, /\}$/))).toMatchObject({ code: 'forbidden' });
});

test('what B does while it is cut off is taken back, with the reason', async () => {
  const page = await open();
  const boardB = client(page, 'B');
  await boardB.locator('[data-order]').first().waitFor();
  await page.getByRole('button', { name: 'Cut the connection of B' }).click();
  await boardB.getByText('reconnecting').waitFor();
  await boardB.getByRole('button', { name: 'New order' }).click();
  await boardB.getByText('Not sent').waitFor();
  expect(await boardB.locator('[data-order^="B-"]').count()).toBe(0);
  await page.getByRole('button', { name: 'Let B return' }).click();
  await boardB.getByText('connected', { exact: true }).waitFor();
});

test('a message is there at once and confirmed; one that the house refuses is taken back', async () => {
  const page = await open('#/chat');
  const [chatA, chatB] = [client(page, 'A'), client(page, 'B')];
  await chatA.getByRole('log').getByText('croissants').waitFor();
  const said = `Two oat cappuccinos for table ${Math.ceil(Math.random() * 1e6)}`;
  await chatA.getByRole('textbox').fill(said);
  await chatA.getByRole('textbox').press('Enter');
  await chatB.getByRole('log').getByText(said).waitFor();
  await chatA.getByRole('article').filter({ hasText: said }).getByText('confirmed').waitFor();
  expect(await chatA.getByRole('log').getByText(said).count()).toBe(1);

  await chatB.getByRole('textbox').fill('And one decaf');
  await chatB.getByRole('textbox').press('Enter');
  await chatB.getByText('This house serves no decaf.').waitFor();
  expect(await chatB.getByRole('log').getByText('And one decaf').count()).toBe(0);
  expect(await chatB.getByRole('textbox').inputValue()).toBe('And one decaf');
  expect(await chatA.getByRole('log').getByText('And one decaf').count()).toBe(0);
});

test('each list shows the lines behind it, as they are in the source', async () => {
  const page = await open();
  const board = client(page, 'A');
  await board.getByRole('button', { name: /Show the \d+ lines behind this list/ }).click();
  await board.getByText("useEvent('orders:paid', apply);").waitFor();
  await board.getByRole('button', { name: 'Back to the list' }).click();
  await board.getByText('useEvent').first().waitFor({ state: 'detached' });
});

test('the keyboard is enough', async () => {
  const page = await open();
  await client(page, 'A').locator('[data-order]').first().waitFor();
  await page.getByRole('link', { name: 'Chat' }).focus();
  await page.keyboard.press('Enter');
  await client(page, 'A').getByRole('radio', { name: 'kitchen' }).focus();
  await page.keyboard.press('ArrowRight');
  await client(page, 'A').getByRole('log', { name: 'Messages in counter' }).waitFor();
  await page.getByRole('radio', { name: 'system' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect
    .poll(() => page.evaluate(() => document.documentElement.dataset['theme']))
    .toBe('dark');
});

test.each([
  ['', 'light', 1280],
  ['', 'dark', 1280],
  ['', 'light', 360],
  ['', 'dark', 360],
  ['#/chat', 'light', 1280],
  ['#/chat', 'dark', 1280],
  ['#/chat', 'light', 360],
  ['#/chat', 'dark', 360],
] as const)('axe finds nothing on %j in the %s theme, %i px wide', async (path, theme, width) => {
  const page = await open(path, theme, width);
  await (path === ''
    ? page.locator('[data-tape-event]').nth(2).waitFor()
    : client(page, 'B').getByRole('article').nth(1).waitFor());
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
