import type { TestProject } from 'vitest/node';

/**
 * Runs in Node once before the browser suite; what it returns runs once after it. A test reads what
 * was given to `project.provide(key, value)` with `inject(key)`.
 */
export default function setup(_project: TestProject): () => void {
  return () => {};
}
