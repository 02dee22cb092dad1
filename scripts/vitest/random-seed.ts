import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    seed: number;
  }
}

let seed: number | undefined;

/** One seed for every random test of a run, printed, so that there is one to repeat: `SEED=…`. */
export default function setup(project: TestProject): void {
  if (seed === undefined) {
    seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    console.info(`Random tests: SEED=${seed} repeats them.`);
  }
  project.provide('seed', seed);
}
