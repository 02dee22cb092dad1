import { memory } from '../../in-memory/memory.ts';
import { adapterCompliance } from '../../testing/adapter-compliance.ts';

adapterCompliance('memory', { create: (hooks) => memory(hooks) });
