import type { ReactElement } from 'react';
import styles from './code-behind.module.css';

const token =
  /(?<comment>\/\/.*)|(?<text>'[^'\n]*'|`[^`]*`)|(?<word>\b(?:const|return|void|if|else|function|undefined|true|false|async|await)\b)|(?<call>\b(?:use[A-Z]\w*|emit)\b)/g;

/** Source, with just enough colour to find one's way. */
export function CodeBehind({ code, label }: { code: string; label: string }): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={styles['code']} aria-label={label} tabIndex={0}>
      <pre>
        <code>{coloured(code)}</code>
      </pre>
    </section>
  );
}

function coloured(code: string): (string | ReactElement)[] {
  const parts: (string | ReactElement)[] = [];
  let end = 0;
  for (const match of code.matchAll(token)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    parts.push(
      code.slice(end, match.index),
      <span key={match.index} className={styles[kind ?? '']}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  return [...parts, code.slice(end)];
}
