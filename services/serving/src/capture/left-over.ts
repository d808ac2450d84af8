import type { Found, Seal } from './write-ahead.js';

/**
 * The seal for rows behind the last block of a file, which nobody has seen: their process ended before it closed their block.
 * Undefined when there are none.
 */
export function sealOfTail(
  { blocks, tail, rowsBefore }: Pick<Found, 'blocks' | 'tail' | 'rowsBefore'>,
  { firstSequence }: { readonly firstSequence: number },
): Seal | undefined {
  if (tail.rows === 0) return undefined;
  const last = blocks.at(-1)?.seal;
  return {
    sequence: last ? last.sequence + 1 : firstSequence,
    rows: tail.rows,
    dropped: last?.dropped ?? 0,
    runtime: last?.runtime ?? '',
    rowsBefore: last ? rowsUpTo(last) : rowsBefore,
  };
}

/** Rows in all blocks up to a sealed one; undefined when its seal does not tell. */
export function rowsUpTo({ rowsBefore, rows }: Seal): number | undefined {
  return rowsBefore === undefined ? undefined : rowsBefore + rows;
}
