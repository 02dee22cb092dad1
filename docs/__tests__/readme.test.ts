import { expect, test } from 'vitest';
import { filesIn } from './code-blocks.ts';

test('the README shows contract, server and component in at most 25 lines of code', () => {
  const files = filesIn('README.md');
  expect([...files.keys()]).toEqual(['contract.ts', 'server.ts', 'app.tsx']);
  const lines = [...files.values()].flatMap((text) =>
    text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//')),
  );
  expect(lines.length).toBeLessThanOrEqual(25);
});
