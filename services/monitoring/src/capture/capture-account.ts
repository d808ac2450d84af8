/** What is known of the blocks of one producer. Blocks count from 1. */
export interface Account {
  /** Every block up to here has arrived or is known to be missing. */
  readonly completeTo: number;
  readonly rowsReceived: number;
  /** Rows in all blocks up to `rowsSaidAt`, as that block or the gateway says. */
  readonly rowsSaid: number;
  readonly rowsSaidAt: number;
  readonly missing: ReadonlySet<number>;
}

/** A block that has arrived. */
export interface ArrivedBlock {
  readonly sequence: number;
  readonly rows: number;
  /** Rows in all earlier blocks; null when the block does not say. */
  readonly rowsBefore: number | null;
  readonly isOverdue: boolean;
}

/** How far the gateway says it has counted. */
export interface Said {
  readonly sequence: number;
  readonly rows: number;
}

export interface Counted {
  readonly account: Account;
  /** Sequence numbers that are counted now. */
  readonly settled: readonly number[];
}

const mostRowsPerBlock = 256;

/**
 * Counts blocks in: one after the other, late ones into their gap, ones that came before not again. A gap is taken for
 * one when a block behind it waits for too long.
 * @param arrived in the order of their numbers
 */
export function countIn(account: Account, arrived: readonly ArrivedBlock[]): Counted {
  let { completeTo, rowsReceived, rowsSaid, rowsSaidAt } = account;
  const missing = new Set(account.missing);
  const settled: number[] = [];
  for (const { sequence, rows, rowsBefore, isOverdue } of arrived) {
    const isNext = sequence === completeTo + 1;
    if (sequence > completeTo && !isNext && !isOverdue) break;
    settled.push(sequence);
    if (sequence <= completeTo && !missing.delete(sequence)) continue;
    for (let lost = completeTo + 1; lost < sequence; lost++) missing.add(lost);
    completeTo = Math.max(completeTo, sequence);
    rowsReceived += rows;
    if (rowsBefore !== null && sequence > rowsSaidAt) {
      rowsSaid = rowsBefore + rows;
      rowsSaidAt = sequence;
    }
  }
  return { account: { completeTo, rowsReceived, rowsSaid, rowsSaidAt, missing }, settled };
}

/** Takes what a gateway said of its last block for true: what has not come by now is missing. */
export function closeAt(account: Account, { sequence, rows }: Said): Account {
  if (sequence <= account.completeTo) return account;
  const missing = new Set(account.missing);
  for (let lost = account.completeTo + 1; lost <= sequence; lost++) missing.add(lost);
  return { ...account, completeTo: sequence, rowsSaid: rows, rowsSaidAt: sequence, missing };
}

/** Rows that missing blocks held, at most: exactly, where the last block says how many came before it. */
export function rowsLostAtMost({ missing, completeTo, rowsReceived, rowsSaid, rowsSaidAt }: Account): number {
  const bound = missing.size * mostRowsPerBlock;
  return rowsSaidAt === completeTo ? Math.min(bound, Math.max(0, rowsSaid - rowsReceived)) : bound;
}

/** Numbers as ranges, both ends included. */
export function rangesOf(numbers: Iterable<number>): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last.to + 1 === number) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges;
}
