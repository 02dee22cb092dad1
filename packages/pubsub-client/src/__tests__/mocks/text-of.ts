/** What was handed to `fetch`, where it is a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
