import { useSyncExternalStore } from 'react';

/** Where in the console somebody is: the words of the address after `#/`, for example `['training', 'run-id']`. */
export function usePlace(): readonly string[] {
  const hash = useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => window.location.hash,
  );
  return placeOf(hash);
}

/** Words of an address; what is not well encoded stays as it is. */
export function placeOf(hash: string): readonly string[] {
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((word) => word !== '')
    .map((word) => {
      try {
        return decodeURIComponent(word);
      } catch {
        return word;
      }
    });
}

/** The address of a place. */
export function linkTo(...words: readonly string[]): string {
  return `#/${words.map(encodeURIComponent).join('/')}`;
}
