import { useState, type ReactElement } from 'react';
import { Icon, type IconName } from './icon.tsx';
import styles from './theme.module.css';

const themes = [
  ['system', 'half'],
  ['light', 'sun'],
  ['dark', 'moon'],
] as const satisfies readonly (readonly [string, IconName])[];
type Theme = (typeof themes)[number][0];

// `index.html` has put a stored choice there before the first paint.
function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function choose(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem('theme');
  } else {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem('theme', theme);
  }
}

export function ThemeSwitch(): ReactElement {
  const [theme, setTheme] = useState(chosen);
  return (
    <fieldset className={styles['switch']}>
      <legend className="unseen">Theme</legend>
      {themes.map(([name, icon]) => (
        <label key={name} className={styles['choice']} title={`${name} theme`}>
          <input
            type="radio"
            name="theme"
            className="unseen"
            checked={theme === name}
            onChange={() => {
              choose(name);
              setTheme(name);
            }}
          />
          <Icon name={icon} />
          <span className="unseen">{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
