/** True when one of the glob patterns (`*` stands for any characters) covers the name, or every name another pattern covers. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

/** The same patterns for `name like any($1)`: lists leave out in SQL what a key may not touch, so that pages stay full. */
export function likePatterns(patterns: readonly string[]): string[] {
  return patterns.map((pattern) => pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'));
}

// by hand instead of by RegExp: patterns come from people, and a hostile one must not cost exponential time
function matches(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  const parts = pattern.split('*');
  const first = parts[0]!;
  if (parts.length === 1) return name === pattern;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
