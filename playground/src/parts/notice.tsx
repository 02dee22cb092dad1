import type { ReactElement, ReactNode } from 'react';
import { Button } from './button.tsx';
import { State } from './meaning.tsx';
import styles from './notice.module.css';

export interface NoticeProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Something was refused or failed: what, and why. */
export function Notice({ title, onClose, children }: NoticeProps): ReactElement {
  return (
    <div className={styles['notice']} data-meaning="wrong">
      <div className={styles['text']}>
        <State meaning="wrong" icon="alert">
          <strong>{title}</strong>
        </State>
        <span className={styles['why']}>{children}</span>
      </div>
      <Button kind="bare" icon="cross" aria-label="Dismiss" onClick={onClose} />
    </div>
  );
}
