/**
 * The lines of a source between `// #region name` and `// #endregion`, moved to the left edge. A page
 * that shows its own source can't show what it no longer does.
 *
 * @throws {Error} where the source has no such region
 */
export function linesOf(source: string, name: string): string {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const length = lines.slice(start + 1).findIndex((line) => line.trim() === '// #endregion');
  if (start === -1 || length === -1) throw new Error(`No region "${name}" in this source.`);
  const region = lines.slice(start + 1, start + 1 + length);
  const margin = Math.min(...region.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return region.map((line) => line.slice(margin)).join('\n');
}
