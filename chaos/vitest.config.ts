import { defineConfig } from 'vitest/config';
import { nodeProject } from '../scripts/vitest/projects.ts';

export default defineConfig({
  test: {
    projects: [nodeProject(import.meta.dirname, ['src/__tests__/**/*.{test,spec}.ts'])],
  },
});
