import { chromium } from './chromium.ts';
import type { Need } from './need.ts';

/** One vitest project of the root `vite.config.ts`, and what the machine must have for it. */
export interface Suite {
  /** The name of the vitest project. */
  readonly name: string;
  readonly tests: string;
  readonly needs: readonly Need[];
}

/** What `npm test` runs, in this order. */
export const suites: readonly Suite[] = [
  { name: 'types', tests: 'what must compile, and what must not', needs: [] },
  { name: 'node', tests: 'core, adapters, server, client, tools', needs: [] },
  { name: 'react', tests: 'hooks and components, in a simulated DOM', needs: [] },
  { name: 'browser', tests: 'client and hooks, in a real Chromium', needs: [chromium] },
  { name: 'e2e', tests: 'the whole playground, in a real Chromium', needs: [chromium] },
];
