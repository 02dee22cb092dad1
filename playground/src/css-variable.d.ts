/** What a style may set beside the properties that React knows. */
export type CssVariable = `--${string}`;

declare module 'react' {
  interface CSSProperties {
    [variable: CssVariable]: string | number;
  }
}
