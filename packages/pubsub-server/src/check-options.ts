import { PubSubError, quote, type AnyContract, type PubSubAdapter } from '@hipponot/pubsub-core';
import { nearest } from './listed.ts';
import type { PubSubOptions } from './pubsub-options.ts';

const optionNames = Object.keys({
  contract: true,
  adapter: true,
  authenticate: true,
  channels: true,
  actions: true,
  services: true,
  basePath: true,
  heartbeatMs: true,
  limits: true,
  emitWindowMs: true,
  actionTimeoutMs: true,
  recheckMs: true,
  emitLedger: true,
  streamLifeMs: true,
  logger: true,
  cors: true,
  generateId: true,
} satisfies Record<keyof PubSubOptions<AnyContract>, true>);

const contractMethods = ['event', 'match'] satisfies (keyof AnyContract)[];

const adapterMethods = [
  'start',
  'stop',
  'publish',
  'subscribe',
  'read',
  'position',
  'trim',
  'health',
] satisfies (keyof PubSubAdapter)[];

/**
 * What the types say and plain JavaScript doesn't hear: a misspelt `authenticate` would leave the server
 * open to everyone.
 *
 * @throws {PubSubError} `bad_options` for an option nobody knows, or without a contract or an adapter
 */
export function checkOptions(options: unknown): void {
  const given = typeof options === 'object' && options !== null ? options : {};
  assertKnown(given, optionNames, 'createPubSub', []);
  const { contract, adapter } = given as Readonly<Record<string, unknown>>;
  assertHas('contract', contract, contractMethods, 'what `defineContract({ events })` returns');
  assertHas('adapter', adapter, adapterMethods, 'what e.g. `memory()` or `redis(…)` returns');
}

/** @throws {PubSubError} `bad_options` that names the first unknown key and the nearest known one */
export function assertKnown(
  given: object,
  known: readonly string[],
  where: string,
  path: readonly string[],
): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new PubSubError(
      'bad_options',
      `${where} has no option ${quote(name)}: the nearest is ${quote(nearest(name, known))}.`,
      { path: [...path, name] },
    );
  }
}

function assertHas(
  option: string,
  value: unknown,
  methods: readonly string[],
  remedy: string,
): void {
  const missing =
    typeof value === 'object' && value !== null
      ? methods.find(
          (name) => typeof (value as Readonly<Record<string, unknown>>)[name] !== 'function',
        )
      : '';
  if (missing === undefined) return;
  const fault =
    value === undefined
      ? 'is missing'
      : typeof value === 'function'
        ? 'is a function that was not called'
        : missing
          ? `has no method "${missing}"`
          : `is ${quote(value)}`;
  throw new PubSubError('bad_options', `createPubSub: "${option}" ${fault}. Give ${remedy}.`, {
    path: [option],
  });
}
