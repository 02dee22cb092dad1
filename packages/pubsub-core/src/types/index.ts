export type * from './event.ts';
export type * from './definition.ts';
export type * from './channel-types.ts';
export type * from './contract.ts';
