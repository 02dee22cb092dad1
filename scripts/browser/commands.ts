import type { BrowserCommand } from 'vitest/node';
import {
  fault,
  killApp,
  publish,
  requestsTo,
  restartApp,
  startApp,
  stopApp,
  type AppServerOptions,
  type FaultMethod,
} from './app-servers.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- vitest's own type for commands of any arguments
type Command = BrowserCommand<any[]>;

/**
 * What a browser test may ask Node to do: `import { commands } from 'vitest/browser'`, then
 * `await commands.startApp({})`. A command gets the test's context and JSON arguments, and answers JSON.
 */
export const browserCommands: Record<string, Command> = {
  startApp: (_context, options: AppServerOptions = {}) => startApp(options),
  publish: (_context, app: string, channel: string, texts: string[]) =>
    publish(app, channel, texts),
  killApp: (_context, app: string) => killApp(app),
  restartApp: (_context, app: string) => restartApp(app),
  stopApp: (_context, app: string) => stopApp(app),
  fault: (_context, app: string, method: FaultMethod, args: unknown[] = []) =>
    fault(app, method, args),
  requestsTo: (_context, app: string, path: string) => requestsTo(app, path),
};

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** A real server in a process of its own behind a fault proxy; `url` is the proxy's. */
    startApp: (options?: AppServerOptions) => Promise<{ app: string; url: string }>;
    /** On `orders`, each text is an order id; on `chat/:room`, a message. */
    publish: (app: string, channel: string, texts: string[]) => Promise<void>;
    killApp: (app: string) => Promise<void>;
    restartApp: (app: string) => Promise<void>;
    stopApp: (app: string) => Promise<void>;
    fault: (app: string, method: FaultMethod, args?: unknown[]) => Promise<unknown>;
    requestsTo: (app: string, path: string) => Promise<number>;
  }
}
