import { expect, it } from 'vitest';
import { linesOf } from '../../src/parts/lines-of.ts';

const source = `import x from 'y';
function f() {
  // #region one
  const a = 1;
  if (a) {
    b();
  }
  // #endregion
}
`;

it('takes the lines of a region, at the left edge', () => {
  expect(linesOf(source, 'one')).toBe('const a = 1;\nif (a) {\n  b();\n}');
});

it('throws where there is no such region, so that a page never shows nothing', () => {
  expect(() => linesOf(source, 'two')).toThrow('No region "two"');
});
