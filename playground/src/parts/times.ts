const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `12:04:07` */
export const clock = (at: number): string => clockFormat.format(at);

/** `4 s`, `3 min`, `2 h` */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** `just now`, `4 s ago` */
export const ago = (ms: number): string => (ms < 1000 ? 'just now' : `${span(ms)} ago`);
