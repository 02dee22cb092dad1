/** Those who want to be told. The same one twice is two, each with its own undo. */
export interface Listeners<Item> {
  readonly size: number;
  /** Returns its own undo. */
  readonly add: (item: Item) => () => void;
  /**
   * Calls for each that is there now, and still there when its turn comes. What the application throws
   * is its own: reported, and passed by.
   */
  each(call: (item: Item) => void): void;
  clear(): void;
}

export function createListeners<Item>(): Listeners<Item> {
  const held = new Set<{ readonly item: Item }>();
  return {
    get size() {
      return held.size;
    },
    add(item) {
      const one = { item };
      held.add(one);
      return () => {
        held.delete(one);
      };
    },
    each(call) {
      for (const one of Array.from(held)) {
        if (!held.has(one)) continue;
        try {
          call(one.item);
        } catch (error) {
          // oxlint-disable-next-line no-console -- the way to be heard where there is no `reportError`
          (globalThis.reportError ?? console.error)(error);
        }
      }
    },
    clear: () => held.clear(),
  };
}
