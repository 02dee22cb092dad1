import type { ReactElement, ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import styles from './meaning.module.css';

export type Meaning = 'ok' | 'working' | 'waiting' | 'paused' | 'wrong' | 'quiet';

export interface MeaningProps {
  readonly meaning: Meaning;
  readonly icon: IconName;
  readonly children: ReactNode;
}

/** A state: its word, its icon and its colour, never the colour alone. */
export function State({ meaning, icon, children }: MeaningProps): ReactElement {
  return (
    <span className={styles['state']} data-meaning={meaning}>
      <Icon name={icon} />
      <span>{children}</span>
    </span>
  );
}
