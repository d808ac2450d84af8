/** A seeded stream of uniform numbers in [0, 1) (sfc32): the same seed gives the same stream on every machine. */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** One standard normal number (Box-Muller, one of the pair). */
export function normalRandom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** One binomial number: by waiting times while few successes are expected, else by the normal approximation. */
export function binomialRandom(trials: number, probability: number, random: () => number): number {
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomialRandom(trials, 1 - probability, random);
  const mean = trials * probability;
  if (mean > 20) {
    const drawn = Math.round(mean + Math.sqrt(mean * (1 - probability)) * normalRandom(random));
    return Math.min(trials, Math.max(0, drawn));
  }
  const scale = Math.log1p(-probability);
  let successes = 0;
  let used = 0;
  for (;;) {
    used += Math.floor(Math.log(1 - random()) / scale) + 1;
    if (used > trials) return successes;
    successes++;
  }
}

/** Draws from a discrete distribution in constant time (Walker's alias method). */
export class AliasTable {
  private readonly threshold: Float64Array;
  private readonly alias: Uint32Array;

  constructor(weights: ArrayLike<number>) {
    const size = weights.length;
    let total = 0;
    for (let i = 0; i < size; i++) total += weights[i]!;
    this.threshold = new Float64Array(size).fill(1);
    this.alias = Uint32Array.from({ length: size }, (_, i) => i);
    const scaled = Float64Array.from(weights, (weight) => (weight * size) / total);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < size; i++) (scaled[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.at(-1)!;
      this.threshold[less] = scaled[less]!;
      this.alias[less] = more;
      scaled[more]! -= 1 - scaled[less]!;
      if (scaled[more]! < 1) small.push(large.pop()!);
    }
  }

  draw(random: () => number): number {
    const position = random() * this.threshold.length;
    const cell = position | 0;
    return position - cell < this.threshold[cell]! ? cell : this.alias[cell]!;
  }
}
