/**
 * The epochs of logs: 72 random bits as 12 characters of `A-Za-z0-9_-`. A channel without a log has one
 * too, so that its position can be told, and stays true once the log is created, with nothing stored.
 * Web APIs only: the test kit runs in browsers too.
 */
export class Epochs {
  #secret = random();

  /** What a log of this channel begins with; the same until {@link renew}. */
  of(channel: string): string {
    // The secret makes it random; the channel's hash only keeps the cursors of channels apart.
    const bytes = this.#secret.slice();
    let hash = 0x811c9dc5;
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < channel.length; index += 1)
        hash = Math.imul(hash ^ channel.charCodeAt(index), 0x01000193);
      for (let index = 0; index < 4; index += 1)
        bytes[round * 4 + index] = (bytes[round * 4 + index] ?? 0) ^ (hash >>> (index * 8));
    }
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_');
  }

  /** No log begins with an epoch of before from now on: offsets of one may have been lost. */
  renew(): void {
    this.#secret = random();
  }
}

function random(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(9));
}
