import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPlayground } from './dev/start-playground.ts';

// `npm start`: the playground's server, the page in front of it, and one address for both.
// Two processes, because a server that crashes or is killed must not take the page with it: what
// the page does then is what this product is about.

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.env['PORT'];
const port = wanted ? Number(wanted) : 5173;
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT is ${wanted}: it must be a number from 1 to 65535.`);
  process.exit(2);
}

const installed = readdirSync(join(root, 'node_modules', '.pnpm')).length;
console.log(
  `Installed: ${installed} npm packages in node_modules, as pnpm-lock.yaml names them, Node ${process.versions.node} among them.`,
);
console.log('Starting the playground: nothing else is downloaded.');

const playground = await startPlayground({
  folder: process.argv[2] ?? join(root, 'playground'),
  configFile: join(root, 'vite.config.ts'),
  port,
  strictPort: Boolean(wanted),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

let closing = false;
async function close(exitCode: number): Promise<never> {
  closing = true;
  await playground.close();
  process.exit(exitCode);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C of an impatient person changes nothing: the first one is being carried out.
    if (!closing) void close(0);
  });
}
void playground.server.ended.then((how) => {
  if (closing) return;
  console.error(`The playground's server ended ${how}.`);
  return close(1);
});

// For a test, or whoever else started this with a channel.
const { pid, port: serverPort } = playground.server;
process.send?.({ url: playground.url, server: { pid, port: serverPort } });
console.log(`\nPlayground: ${playground.url}\nCtrl-C ends it.`);
