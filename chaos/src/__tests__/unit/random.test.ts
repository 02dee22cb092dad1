import { expect, it } from 'vitest';
import { seededRandom } from '../../random.ts';

const draw = (random: () => number, count = 1000): number[] =>
  Array.from({ length: count }, random);

it('a seed and its keys give the same numbers again', () => {
  expect(draw(seededRandom(7, 1, 2))).toEqual(draw(seededRandom(7, 1, 2)));
});

it('another seed or key gives others', () => {
  const first = new Set(
    [
      seededRandom(7),
      seededRandom(8),
      seededRandom(7, 1),
      seededRandom(7, 2),
      seededRandom(7, 2, 1),
    ].map((random) => random()),
  );
  expect(first.size).toBe(5);
});

it('the numbers fill [0, 1)', () => {
  const numbers = draw(seededRandom(1), 10_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const value of numbers) tenths[Math.floor(value * 10)]! += 1;
  for (const count of tenths) expect(count).toBeGreaterThan(800);
});
