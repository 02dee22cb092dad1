import { defineConfig } from 'vitest/config';
import { coverage, packageProjects } from '../../scripts/vitest/projects.ts';

export default defineConfig({
  test: {
    coverage: { ...coverage, include: ['src/**/*.{ts,tsx}'] },
    projects: packageProjects(import.meta.dirname),
  },
});
