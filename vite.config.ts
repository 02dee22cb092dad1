import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { browserProject } from './scripts/vitest/browser-project.ts';
import {
  coverage,
  e2eProject,
  nodeProject,
  reactProject,
  repoRoot,
  resolveFromSource,
  typesProject,
} from './scripts/vitest/projects.ts';

// The page is the playground; `scripts/dev.ts` adds its server. The tests are named projects, and
// `scripts/test.ts` runs them one after another.
export default defineConfig({
  ...resolveFromSource,
  root: 'playground',
  // Only the page needs the plugin; tests get their JSX from the compiler alone.
  plugins: process.env['VITEST'] ? [] : [react()],
  build: { outDir: 'dist', emptyOutDir: true },
  test: {
    root: repoRoot,
    coverage: { ...coverage, include: ['packages/*/src/**/*.{ts,tsx}'] },
    projects: [
      nodeProject(repoRoot, [
        'packages/!(pubsub-react)/src/__tests__/**/*.{test,spec}.{ts,tsx}',
        '{chaos,benchmarks,docs,scripts}/**/__tests__/**/*.{test,spec}.{ts,tsx}',
        'playground/**/__tests__/**/*.{test,spec}.ts',
      ]),
      reactProject(repoRoot, [
        'packages/pubsub-react/src/__tests__/**/*.{test,spec}.{ts,tsx}',
        'playground/**/__tests__/**/*.{test,spec}.tsx',
      ]),
      typesProject(repoRoot, ['packages/*/src/**/*.test-d.{ts,tsx}'], {
        tsconfig: 'tsconfig.types.json',
        ignoreSourceErrors: false,
      }),
      browserProject(repoRoot),
      e2eProject(repoRoot),
    ],
  },
});
