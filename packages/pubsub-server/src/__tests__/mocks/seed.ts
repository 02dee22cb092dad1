/** The seed of this run: `SEED=…` repeats one that failed. Printed, so that there is one to repeat. */
export function seedOf(what: string): number {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`${what}: SEED=${seed}`);
  return seed;
}
