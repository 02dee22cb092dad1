/** A random id for an emit. On plain http, as a phone opens a page of the local network, it is no UUID. */
export function newId(): string {
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- absent outside secure contexts
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}
