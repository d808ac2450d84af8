/** Where a split sends bins. */
export interface Cut {
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly texts: Uint32Array | undefined;
}

/** A byte for each bin: 1 when it goes left. */
function tableOf({ bin, missingLeft, texts }: Cut, missingBin: number): Uint8Array {
  const table = new Uint8Array(256);
  for (let at = 0; at < 256; at++) {
    if (texts) table[at] = (texts[at >> 5]! >>> (at & 31)) & 1;
    else table[at] = at === missingBin ? Number(missingLeft) : Number(at <= bin);
  }
  return table;
}

/** Brings the rows that go left to the front of their range, both sides in the order they were. @returns how many go left */
export function partitionRows(
  rows: Int32Array,
  scratch: Int32Array,
  { start, end }: { start: number; end: number },
  bins: Uint8Array,
  cut: Cut,
  missingBin: number,
): number {
  const table = tableOf(cut, missingBin);
  let left = start;
  let right = 0;
  for (let i = start; i < end; i++) {
    const row = rows[i]!;
    // both are written and one is kept: there is no branch to guess
    const isLeft = table[bins[row]!]!;
    rows[left] = row;
    scratch[right] = row;
    left += isLeft;
    right += 1 - isLeft;
  }
  rows.set(scratch.subarray(0, right), left);
  return left - start;
}
