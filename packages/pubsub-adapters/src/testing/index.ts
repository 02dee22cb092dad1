export { adapterCompliance } from './adapter-compliance.ts';
export type { AdapterHooks, ComplianceOptions, Disturb } from './compliance-options.ts';
