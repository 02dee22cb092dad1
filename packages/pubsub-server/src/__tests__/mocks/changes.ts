/** Lets a test wait for a condition that only changes when something says so. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  /** Something happened: those who wait look again. */
  notify(): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves when the condition holds, now or after a change. A condition that throws rejects it. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          if (!condition()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
