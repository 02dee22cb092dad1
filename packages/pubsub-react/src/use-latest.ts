import { useInsertionEffect, useRef } from 'react';

/**
 * The value of the last committed render, for callbacks that outlive it. Written in an insertion effect:
 * before any other effect of the same commit can call it, never by a render that is thrown away.
 */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
