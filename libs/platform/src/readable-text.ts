import type { ProblemItem } from './define-error.js';

/** Escapes that could make text PostgreSQL cannot store: NUL and halves of a surrogate pair. */
const suspiciousEscape = /\\u(?:0000|d[89a-f])/i;

/** True when JSON text could hold text that cannot be stored; false for nearly every body, which spares walking its values. */
export function mayHoldUnreadableText(json: string): boolean {
  return suspiciousEscape.test(json);
}

/** Where a parsed value holds NUL characters or lone surrogates, in names and in texts. */
export function unreadableTexts(value: unknown, path = ''): ProblemItem[] {
  if (typeof value === 'string') return faultsOf(value, path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const innerPath = path === '' ? name : `${path}.${name}`;
    return [...faultsOf(name, innerPath), ...unreadableTexts(inner, innerPath)];
  });
}

function faultsOf(text: string, path: string): ProblemItem[] {
  if (text.includes('\u0000')) return [{ path, message: 'Text must not contain NUL characters' }];
  return text.isWellFormed() ? [] : [{ path, message: 'Text must not contain half of a surrogate pair' }];
}
