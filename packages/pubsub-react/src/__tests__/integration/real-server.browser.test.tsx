import { commands } from 'vitest/browser';
import type {} from '../../../../../scripts/browser/commands.ts';
import { registerServerTests } from '../suites/real-server-tests.tsx';

registerServerTests(commands);
