import type { ReactElement } from 'react';

/** 16 × 16, drawn in the colour of the text beside it. */
const paths = {
  check: 'M3.5 8.5l3 3 6-7',
  plus: 'M8 3.5v9M3.5 8h9',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  next: 'M6 4l4 4-4 4',
  plug: 'M6 2.5v3M10 2.5v3M4.5 5.5h7v2a3.5 3.5 0 0 1-7 0zM8 11v2.5',
  cut: 'M4 2.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5zM4 9.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5zM5.4 5.6l8.1 6.9M5.4 10.4l8.1-6.9',
  loop: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.3h-2.3',
  replay: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.5v2.3h2.3M8 5.5V8l2 1.2',
  clock: 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM8 5.5V8l1.8 1.2',
  pause: 'M6 4v8M10 4v8',
  play: 'M5.5 3.5v9l7-4.5z',
  alert: 'M8 3l5.5 10h-11zM8 7v2.8M8 11.4v.1',
  copy: 'M6 6h6.5v6.5H6zM3.5 10V3.5H10',
  dot: 'M8 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z',
  up: 'M8 12.5v-9M4.5 7L8 3.5 11.5 7',
  code: 'M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5',
  send: 'M2.5 8L13.5 3l-3 10.5L7.5 9zM7.5 9l6-6',
  sun: 'M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  half: 'M8 2.5a5.5 5.5 0 1 1 0 11zM8 2.5a5.5 5.5 0 0 0 0 11',
  key: 'M9.5 3a3 3 0 1 1-2 5.2L3 12.7V13.5h2v-1.8h1.6v-1.6L7.5 8.2',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): ReactElement {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
