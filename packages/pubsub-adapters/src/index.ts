export { memory } from './in-memory/memory.ts';
export type { MemoryOptions } from './in-memory/memory-options.ts';
