/** Fields that belong to one connection, not to the message (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

/**
 * The header fields to pass on, in `rawHeaders` form: order, case and repeats survive, as a server
 * or client under test must see what the other side really sent.
 */
export function forwardable(rawHeaders: readonly string[], without: readonly string[]): string[] {
  const dropped = new Set([...hopByHop, ...without]);
  const fields: [name: string, value: string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    fields.push([name, value]);
    if (name.toLowerCase() !== 'connection') continue;
    for (const named of value.split(',')) dropped.add(named.trim().toLowerCase());
  }
  return fields.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

/** Lets a page of another origin read an answer and every field in it. */
export function corsHeaders(origin: string | undefined, exposed: string[]): Record<string, string> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    ...(exposed.length > 0 ? { 'access-control-expose-headers': exposed.join(', ') } : {}),
    vary: 'Origin',
  };
}
