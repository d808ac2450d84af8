/** How many rows of the hold-out stand among the training rows. Keys are kept of the smaller part only, and no longer than needed. */
export function countRepeated<Row>(training: readonly Row[], holdout: readonly Row[], keyOf: (row: Row) => string): number {
  const counts = new Map<string, number>();
  for (const row of holdout) {
    const key = keyOf(row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let repeated = 0;
  for (const row of training) {
    const key = keyOf(row);
    const count = counts.get(key);
    if (count === undefined) continue;
    repeated += count;
    counts.delete(key);
  }
  return repeated;
}
