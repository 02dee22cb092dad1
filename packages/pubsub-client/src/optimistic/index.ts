export { createEmitter, type Emitter, type EmitterState } from './create-emitter.ts';
