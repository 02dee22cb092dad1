import type { ReactElement } from 'react';
import styles from './header.module.css';
import { useServer } from './house.tsx';
import { ThemeSwitch } from './parts/theme.tsx';
import { views, type View } from './use-view.ts';

export function Header({ view }: { view: View }): ReactElement {
  const about = useServer();
  return (
    <header className={styles['header']}>
      <h1 className={styles['title']}>
        <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
          <rect width="24" height="24" rx="6" fill="var(--accent)" />
          <path
            d="M5 8.5h6l3 7h5M5 15.5h3.5"
            stroke="var(--accent-ink)"
            strokeWidth="2"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        pubsub <span className={styles['soft']}>playground</span>
      </h1>
      <nav className={styles['nav']} aria-label="Views">
        {views.map(({ name, label }) => (
          <a
            key={name}
            href={`#/${name}`}
            className={styles['link']}
            aria-current={view === name ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <p className={`${styles['adapter']} mono`} title="The adapter that keeps the events">
        {about ? `${about.adapter} · ${about.nodes} node` : '…'}
      </p>
      <ThemeSwitch />
    </header>
  );
}
