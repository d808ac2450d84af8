/** A complete subtree: it covers the leaves from `index * 2^level` to `(index + 1) * 2^level`, exclusive. Level 0 is a leaf. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

function requireSize(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is not an integer between 0 and 2^53 - 1: ${value}`);
}

/** Largest power of two below `n`, for n > 1. Sizes pass 2^32, so no bit operators. */
function splitPoint(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** The complete subtrees, left to right, that together cover the leaves `[start, end)` of a right edge that begins at `start`. */
export function subtreesOf(start: number, end: number): Subtree[] {
  const found: Subtree[] = [];
  let from = start;
  while (from < end) {
    let level = 0;
    let span = 1;
    while (from % (span * 2) === 0 && from + span * 2 <= end) {
      span *= 2;
      level++;
    }
    found.push({ level, index: from / span });
    from += span;
  }
  return found;
}

/**
 * What an inclusion proof is made of: each element is the hash over a list of complete subtrees (fold it with `foldSubtrees`).
 * @throws RangeError when the leaf is not in a tree of that size
 */
export function inclusionShape(index: number, size: number): Subtree[][] {
  requireSize(index, 'index');
  requireSize(size, 'size');
  if (index >= size) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path: Subtree[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(subtreesOf(middle, end));
      end = middle;
    } else {
      path.push(subtreesOf(start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * What a consistency proof between two sizes of one log is made of.
 * @throws RangeError when `from` is larger than `to`
 */
export function consistencyShape(from: number, to: number): Subtree[][] {
  requireSize(from, 'from');
  requireSize(to, 'to');
  if (from > to) throw new RangeError(`a tree of ${to} is not the future of a tree of ${from}`);
  if (from === 0 || from === to) return [];
  const path: Subtree[][] = [];
  let start = 0;
  let end = to;
  let isOldRoot = true;
  while (from !== end) {
    const middle = start + splitPoint(end - start);
    if (from <= middle) {
      path.push(subtreesOf(middle, end));
      end = middle;
    } else {
      path.push(subtreesOf(start, middle));
      start = middle;
      isOldRoot = false;
    }
  }
  if (!isOldRoot) path.push(subtreesOf(start, end));
  return path.reverse();
}
