import { commands } from 'vitest/browser';
import { registerServerTests } from '../suites/real-server-tests.tsx';

registerServerTests(commands);
