/** `orders:created` → `orders`: where an event goes that names no channel. */
export function familyOf(name: string): string {
  return name.slice(0, name.indexOf(':'));
}
