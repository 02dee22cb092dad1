import { registerHookTests } from '../suites/register-hook-tests.tsx';

registerHookTests();
