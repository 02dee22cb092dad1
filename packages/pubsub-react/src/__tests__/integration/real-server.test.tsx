import {
  fault,
  killApp,
  publish,
  requestsTo,
  restartApp,
  startApp,
  stopApp,
} from '../../../../../scripts/browser/app-servers.ts';
import { registerServerTests } from '../suites/real-server-tests.tsx';

registerServerTests({
  startApp: (options = {}) => startApp(options),
  publish,
  killApp,
  restartApp,
  stopApp,
  fault: async (app, method, args = []) => fault(app, method, args),
  requestsTo: async (app, path) => requestsTo(app, path),
});
