/** Which requests a rule applies to. What is left out matches everything. */
export interface RequestMatch {
  /** A string is the whole path without its query; a RegExp is tested on path and query. */
  path?: string | RegExp;
  /** Without a method a rule never takes a CORS preflight: name `OPTIONS` to reach it. */
  method?: string;
}

/** Which SSE events a rule applies to. */
export interface EventMatch extends RequestMatch {
  /** The `event:` field, `message` where there is none. */
  event?: string | RegExp;
  /** A string is looked for inside the data; a RegExp is tested on it. */
  data?: string | RegExp;
}

export interface RequestLine {
  method: string;
  /** Path and query, as the client sent it. */
  path: string;
}

export interface EventFields {
  event: string;
  data: string;
}

// `search` starts at 0 whatever a `g` or `y` pattern remembers from its last use.
const tests = (pattern: RegExp, text: string): boolean => text.search(pattern) !== -1;

export function matchesPath(path: string, wanted: string | RegExp | undefined): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? path.split('?', 1)[0] === wanted : tests(wanted, path);
}

export function matchesRequest(request: RequestLine, match: RequestMatch): boolean {
  const method = match.method?.toUpperCase();
  if (method === undefined ? request.method === 'OPTIONS' : request.method !== method) return false;
  return matchesPath(request.path, match.path);
}

export function matchesEvent(fields: EventFields, { event, data }: EventMatch): boolean {
  if (typeof event === 'string' ? event !== fields.event : event && !tests(event, fields.event)) {
    return false;
  }
  if (data === undefined) return true;
  return typeof data === 'string' ? fields.data.includes(data) : tests(data, fields.data);
}
