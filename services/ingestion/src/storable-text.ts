/** Nesting beyond this is refused: whatever walks the value later has a stack that ends. */
const deepest = 200;

/** Why a value cannot be kept in every store: where, and what is wrong. */
export interface StorageFault {
  readonly path: readonly (string | number)[];
  readonly kind: 'too_deep' | 'unstorable_text';
  readonly message: string;
}

/** Says what text PostgreSQL or UTF-8 cannot hold; undefined when all is well. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'holds the character U+0000, which cannot be stored';
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair, which cannot be stored';
}

/** Looks through a JSON value, names and values alike, without recursion. */
export function storageFault(root: unknown): StorageFault | undefined {
  const waiting: { value: unknown; path: readonly (string | number)[] }[] = [{ value: root, path: [] }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      const message = textFault(value);
      if (message) return { path, kind: 'unstorable_text', message };
    } else if (typeof value === 'object' && value !== null) {
      if (path.length >= deepest) {
        return { path: path.slice(0, 1), kind: 'too_deep', message: `is nested more than ${deepest} levels deep` };
      }
      for (const [name, part] of Object.entries(value)) {
        const message = textFault(name);
        if (message) return { path, kind: 'unstorable_text', message: `has a field whose name ${message}` };
        if (typeof part === 'string' || (typeof part === 'object' && part !== null)) waiting.push({ value: part, path: [...path, name] });
      }
    }
  }
  return undefined;
}
