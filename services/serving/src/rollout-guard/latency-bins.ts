const smallestUs = 50;
const growth = Math.log(1.1);
/** The last bin takes everything longer: about 2.5 hours. */
const last = 199;

/** The bin of a latency in microseconds; bin i begins at 50 µs times 1.1 to the i, the first begins at nothing. */
export function latencyBin(us: number): number {
  if (!(us > smallestUs)) return 0;
  return Math.min(last, Math.floor(Math.log(us / smallestUs) / growth));
}

/** The latency in microseconds at which a bin ends. */
export function latencyBinEnd(bin: number): number {
  return smallestUs * 1.1 ** (bin + 1);
}

/** The latency that a share of the answers does not exceed, as the end of its bin; undefined without answers. */
export function latencyQuantile(counts: readonly number[], share: number): number | undefined {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return undefined;
  let seen = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    seen += counts[bin] ?? 0;
    if (seen >= share * total) return latencyBinEnd(bin);
  }
  return latencyBinEnd(counts.length - 1);
}
