import { useId, useState, type ReactElement, type ReactNode } from 'react';
import { usePerson } from '../people.ts';
import { Button } from './button.tsx';
import { CodeBehind } from './code-behind.tsx';
import { Connection, ConnectionDetail } from './connection.tsx';
import styles from './tile.module.css';

export interface TileProps {
  readonly lastEventAt: number | undefined;
  readonly actions: ReactNode;
  /** The source behind what the tile shows, and what that is. */
  readonly code: string;
  readonly shows: string;
  /** What was refused, and why. */
  readonly notice: ReactNode;
  readonly below?: ReactNode;
  readonly children: ReactNode;
}

/** One client's side of the page: who it is, how its connection is, what it shows. */
export function Tile(props: TileProps): ReactElement {
  const { lastEventAt, actions, code, shows, notice, below, children } = props;
  const { letter, name, place } = usePerson();
  const [open, setOpen] = useState(false);
  const titleId = useId();
  const lines = code.split('\n').filter((line) => line.trim()).length;
  return (
    <section className={styles['tile']} aria-labelledby={titleId} data-client={letter}>
      <header className={styles['head']}>
        <span className={styles['letter']} aria-hidden="true">
          {letter}
        </span>
        <h2 id={titleId} className={styles['title']}>
          <span className="unseen">Client {letter}: </span>
          {name} <span className={styles['place']}>{place}</span>
        </h2>
        <p className={styles['connection']}>
          <Connection />
          <span className={styles['detail']}>
            <ConnectionDetail lastEventAt={lastEventAt} />
          </span>
        </p>
      </header>
      <div className={styles['actions']}>{actions}</div>
      <div className={styles['body']}>
        {children}
        {open && <CodeBehind code={code} label={`The source behind this ${shows}`} />}
        <output className={styles['notice']}>{notice}</output>
      </div>
      {below}
      <footer className={styles['foot']}>
        <Button kind="bare" icon="code" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? `Back to the ${shows}` : `Show the ${lines} lines behind this ${shows}`}
        </Button>
      </footer>
    </section>
  );
}
