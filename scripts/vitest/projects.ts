import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config';

/** The condition under which a workspace package resolves to its `src`, so that nothing needs a build. */
const sourceCondition = '@hipponot/source';

export const repoRoot: string = fileURLToPath(new URL('../..', import.meta.url));

/** Resolution of workspace packages, the same for the page, for tests in Node and in the browser. */
export const resolveFromSource = {
  resolve: { conditions: [sourceCondition, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [sourceCondition, ...defaultServerConditions] } },
} satisfies ViteUserConfig;

export const notTests = ['**/node_modules/**', '**/dist/**'];
export const inBrowser = '**/*.browser.test.{ts,tsx}';
const endToEnd = '**/*.e2e.test.ts';

/** Tests that run in Node. */
export function nodeProject(root: string, include: string[]): TestProjectInlineConfiguration {
  return {
    ...resolveFromSource,
    test: {
      name: 'node',
      root,
      environment: 'node',
      include,
      exclude: [...notTests, inBrowser, endToEnd],
      globalSetup: [fileURLToPath(new URL('random-seed.ts', import.meta.url))],
      setupFiles: [fileURLToPath(new URL('use-seed.ts', import.meta.url))],
    },
  };
}

/** Component and hook tests, in a simulated DOM. The same behaviour is tested again in `browser`. */
export function reactProject(root: string, include: string[]): TestProjectInlineConfiguration {
  return {
    ...resolveFromSource,
    test: {
      name: 'react',
      root,
      environment: 'happy-dom',
      include,
      exclude: [...notTests, inBrowser, endToEnd],
    },
  };
}

/** Type tests: `tsc` compiles `*.test-d.ts`, and an error in one fails that test. */
export function typesProject(
  root: string,
  include: string[],
  typecheck: { tsconfig: string; ignoreSourceErrors: boolean },
): TestProjectInlineConfiguration {
  return {
    ...resolveFromSource,
    test: {
      name: 'types',
      root,
      include: [],
      typecheck: {
        enabled: true,
        only: true,
        checker: 'tsc',
        include,
        exclude: notTests,
        ...typecheck,
      },
    },
  };
}

/** Tests in Node that drive the whole playground, through a real Chromium where they need a page. */
export function e2eProject(root: string): TestProjectInlineConfiguration {
  return {
    ...resolveFromSource,
    test: {
      name: 'e2e',
      root,
      environment: 'node',
      include: [endToEnd],
      exclude: notTests,
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

/** What `pnpm test` inside one package runs: its own tests, and its type tests. */
export function packageProjects(
  root: string,
  environment: 'node' | 'happy-dom' = 'node',
): TestProjectInlineConfiguration[] {
  const include = ['src/__tests__/**/*.{test,spec}.{ts,tsx}'];
  return [
    environment === 'node' ? nodeProject(root, include) : reactProject(root, include),
    // The package's own `tsc` run reports errors in sources; here they must not hide type tests.
    typesProject(root, ['src/**/*.test-d.{ts,tsx}'], {
      tsconfig: 'tsconfig.json',
      ignoreSourceErrors: true,
    }),
  ];
}

/** Coverage as text and html, of the packages' own sources. */
export const coverage = {
  provider: 'v8' as const,
  reportOnFailure: true,
  reporter: ['text', 'html'],
  exclude: ['**/__tests__/**', '**/*.config.ts'],
};
