/** 72 random bits as 12 characters of `A-Za-z0-9_-`. Web APIs only: the test kit runs in browsers too. */
export function randomEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
