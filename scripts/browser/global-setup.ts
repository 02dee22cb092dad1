import { stopAllApps } from './app-servers.ts';

/** Runs in Node once before the browser suite; what it returns runs once after it. */
export default function setup(): () => Promise<void> {
  return stopAllApps;
}
