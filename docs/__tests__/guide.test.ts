import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesIn } from './code-blocks.ts';
import { compile, scratchApp } from './scratch-app.ts';

test("the guide's code compiles under the strictest options", { timeout: 60_000 }, () => {
  const files = filesIn('docs/guide.md');
  expect([...files.keys()]).toEqual([
    'contract.ts',
    'server.ts',
    'vite.config.ts',
    'order-list.tsx',
    'trpc-server.ts',
    'trpc-client.ts',
  ]);
  const folder = scratchApp('guide', files);
  compile(folder);
  rmSync(folder, { recursive: true, force: true });
});
