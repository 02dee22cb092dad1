import type { BrowserCommand } from 'vitest/node';

/**
 * What a browser test may ask Node to do: `import { commands } from 'vitest/browser'`, then
 * `await commands.name(…)`. A command gets the test's context and JSON arguments, and answers JSON.
 * Give each new command its type in the declaration below.
 */
export const browserCommands: Record<string, BrowserCommand<any[]>> = {};

declare module 'vitest/browser' {
  // interface BrowserCommands { startServer: () => Promise<{ url: string }> }
}
