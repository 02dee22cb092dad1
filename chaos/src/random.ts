/**
 * A seeded stream of numbers in [0, 1). The keys (exchange number, direction) give each use its own
 * stream, so one exchange's faults replay whatever its neighbours do.
 */
export function seededRandom(seed: number, ...keys: number[]): () => number {
  let state = keys.reduce((mixed, key) => scramble(mixed + scramble(key + 1)), scramble(seed));
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return scramble(state) / 0x1_0000_0000;
  };
}

/** Spreads neighbouring integers over 32 bits: seeds 1 and 2 must not give similar runs. */
function scramble(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
