import type { ComponentProps, ReactElement } from 'react';
import styles from './button.module.css';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly icon?: IconName;
  readonly kind?: 'main' | 'plain' | 'bare';
}

export function Button({
  icon,
  kind = 'plain',
  className,
  children,
  ...rest
}: ButtonProps): ReactElement {
  return (
    <button type="button" className={`${styles[kind]} ${className ?? ''}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
