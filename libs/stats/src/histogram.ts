/** Quantile of ascending values with linear interpolation between neighbours (R's type 7, numpy's default); NaN when empty. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/** Ascending copy of the finite values. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/** Inner edges of bins of about equal count, each a value that occurs: strictly increasing, at most `bins - 1`, fewer when values repeat. */
export function quantileEdges(values: Float64Array | readonly number[], bins: number): number[] {
  const sorted = sortedFinite(values);
  const edges: number[] = [];
  for (let bin = 1; bin < bins && sorted.length > 0; bin++) {
    const edge = sorted[Math.floor((bin / bins) * sorted.length)]!;
    // An edge at the minimum would leave the first bin empty for ever.
    if (edge > (edges.at(-1) ?? sorted[0]!)) edges.push(edge);
  }
  return edges;
}

/** Bin of a value: `i` for `[edges[i-1], edges[i])`, the outer bins are open. */
export function binOf(value: number, edges: ArrayLike<number>): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Counts the finite values per bin; the answer has one more entry than `edges`. */
export function countIntoBins(values: Float64Array | readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    if (Number.isFinite(value)) counts[binOf(value, edges)]!++;
  }
  return counts;
}

export function sumOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
