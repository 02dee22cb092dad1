import { PubSubError } from './pubsub-error.ts';

/** The longest event name, channel template or address, in UTF-8 bytes. */
export const maxNameBytes = 255;

const eventNamePattern = /^[A-Za-z][\w-]*:[A-Za-z0-9][\w.-]*$/;
const literalSegment = /^[A-Za-z0-9][\w.-]*$/;
const paramSegment = /^:[A-Za-z]\w*$/;
// White space of every script, control characters, what shows as nothing or turns text around (a look-alike
// would stand next to a private channel), and what an address needs for itself in URLs and ids.
const forbiddenInAddress = /[\s\p{Cc}\p{Cf}?#\\]/u;

/** Why a text is no event name, or `undefined` if it is one. */
export function whyNotEventName(name: unknown): string | undefined {
  if (typeof name !== 'string' || !eventNamePattern.test(name))
    return 'an event name is `family:verb`, such as "orders:created"';
  return tooLong(name);
}

/** `orders:created` → `orders`: where an event goes that names no channel. */
export function familyOf(name: string): string {
  return name.slice(0, name.indexOf(':'));
}

/** Why a text is no channel template, or `undefined` if it is one. */
export function whyNotTemplate(template: unknown): string | undefined {
  const segments = typeof template === 'string' ? template.split('/') : [];
  if (!literalSegment.test(segments[0] ?? '')) {
    return 'a channel starts with the literal family, such as "orders" or "chat/:room"';
  }
  const params = new Set<string>();
  for (const segment of segments) {
    if (paramSegment.test(segment)) {
      if (params.has(segment)) return `the parameter "${segment}" stands twice`;
      params.add(segment);
    } else if (!literalSegment.test(segment)) {
      return `the segment "${segment}" is neither a word nor a parameter such as ":id"`;
    }
  }
  return tooLong(segments.join('/'));
}

/**
 * Why a text is no address, or `undefined` if it is one. An address is one or more segments joined by
 * `/`; none is empty, `.`, `..`, `__proto__` or starts with `:`; no control characters, format
 * characters (zero-width, bidi), white space, `?`, `#` or `\`; at most 255 bytes of UTF-8.
 */
export function whyNotAddress(channel: unknown): string | undefined {
  if (typeof channel !== 'string' || channel === '') return 'a channel is a non-empty string';
  if (forbiddenInAddress.test(channel))
    return 'a channel holds no white space, invisible characters, "?", "#" or "\\"';
  if (!channel.isWellFormed()) return 'a channel is well-formed Unicode';
  for (const segment of channel.split('/')) {
    if (
      segment === '' ||
      segment === '.' ||
      segment === '..' ||
      segment === '__proto__' ||
      segment[0] === ':'
    ) {
      return `a channel has no segment "${segment}"`;
    }
  }
  return tooLong(channel);
}

/** Throws `bad_channel` unless the text is an address. */
export function assertAddress(
  channel: unknown,
  path?: readonly (string | number)[],
): asserts channel is string {
  const reason = whyNotAddress(channel);
  if (reason)
    throw new PubSubError('bad_channel', `The channel ${quote(channel)} is not legal: ${reason}.`, {
      path,
    });
}

/** The parameters of an address under a template, or `undefined` where it does not belong to it. */
export function matchTemplate(
  template: string,
  channel: string,
): Record<string, string> | undefined {
  const pattern = template.split('/');
  const segments = channel.split('/');
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index] ?? '';
    if (given === '') return undefined;
    if (expected.startsWith(':')) params[expected.slice(1)] = given;
    else if (expected !== given) return undefined;
  }
  return params;
}

/** Quotes a value of any kind for an error message, shortened. Never throws. */
export function quote(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : // `String({ toString: 1 })`, which any JSON body can hold, throws.
        typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? 'an array'
          : 'an object'
        : String(value);
  // The last character is what closes it.
  return text.length > 80 ? `${text.slice(0, 77)}…${text.at(-1)}` : text;
}

function tooLong(text: string): string | undefined {
  // A UTF-16 unit takes at most three bytes, so most names need no counting.
  const fits =
    text.length * 3 <= maxNameBytes || new TextEncoder().encode(text).length <= maxNameBytes;
  return fits ? undefined : `it is over ${maxNameBytes} bytes`;
}
