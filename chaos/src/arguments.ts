import type { Times } from './rules.ts';

/** An argument of a command is missing, unknown or of the wrong kind; `path` names it. */
export class BadArgument extends Error {
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`${path}: ${expected}.`);
    this.name = 'BadArgument';
    this.path = path;
  }
}

type Reader<Value> = (value: unknown, name: string) => Value;
export type Fields = Record<string, Reader<unknown>>;
export type Read<F extends Fields> = { [Name in keyof F]?: ReturnType<F[Name]> };

/** Reads a JSON object whose every field is known and optional. */
export function readFields<F extends Fields>(fields: F, value: unknown, at = ''): Read<F> {
  if (!isRecord(value)) throw new BadArgument(at || 'body', 'must be a JSON object');
  const read: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const path = at ? `${at}.${name}` : name;
    const reader = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!reader) throw new BadArgument(path, `unknown; known: ${Object.keys(fields).join(', ')}`);
    read[name] = reader(field, path);
  }
  // Each field came from its own reader, which the type system cannot follow through the loop.
  return read as Read<F>;
}

export function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new BadArgument(name, 'missing');
  return value;
}

export const text: Reader<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw new BadArgument(name, 'must be a string');
};

export const number: Reader<number> = (value, name) => {
  if (typeof value === 'number') return value;
  throw new BadArgument(name, 'must be a number');
};

export const bool: Reader<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw new BadArgument(name, 'must be true or false');
};

export const times: Reader<Times> = (value, name) => {
  if (value === 'always' || typeof value === 'number') return value;
  throw new BadArgument(name, "must be a number or 'always'");
};

/** A string, or a RegExp as `{ "regexp": "^/a", "flags": "i" }`: JSON has no RegExp. */
export const pattern: Reader<string | RegExp> = (value, name) => {
  if (typeof value === 'string') return value;
  const { regexp, flags = '' } = readFields({ regexp: text, flags: text }, value, name);
  return new RegExp(required(regexp, `${name}.regexp`), flags);
};

export const texts: Reader<Record<string, string>> = (value, name) => {
  if (!isRecord(value)) throw new BadArgument(name, 'must be an object of strings');
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, text(field, `${name}.${key}`)]),
  );
};

export const oneOf =
  <const Choice extends string>(choices: readonly Choice[]): Reader<Choice> =>
  (value, name) => {
    const choice = choices.find((each) => each === value);
    if (choice !== undefined) return choice;
    throw new BadArgument(name, `must be one of ${choices.join(', ')}`);
  };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
