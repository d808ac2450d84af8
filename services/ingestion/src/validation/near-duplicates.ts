import { hash } from 'node:crypto';

const bands = 16;
const rowsPerBand = 4;
const permutations = bands * rowsPerBand;
const shingleLength = 5;
/** Texts that are remembered; beyond, the oldest are forgotten. */
const mostTexts = 100_000;
const longestText = 5000;

const multipliers = Uint32Array.from({ length: permutations }, (_, i) => Number.parseInt(hash('sha256', `a${i}`).slice(0, 8), 16) | 1);
const offsets = Uint32Array.from({ length: permutations }, (_, i) => Number.parseInt(hash('sha256', `b${i}`).slice(0, 8), 16));

/** Finds texts that are nearly the same as one before: MinHash over runs of five characters, case and spacing apart, in 16 bands of 4. */
export class NearDuplicates {
  private readonly bandsSeen = Array.from({ length: bands }, () => new Map<string, number>());
  private readonly signatures = new Map<number, Uint32Array>();
  private count = 0;

  /** @param similarity share of runs that two texts must have in common, as estimated */
  constructor(private readonly similarity: number) {}

  /** Remembers a text. @returns the number (from 0) of one before that it is nearly the same as */
  add(text: string): number | undefined {
    const at = this.count++;
    const signature = signatureOf(text.toLowerCase().replace(/\s+/g, ' ').trim().slice(0, longestText));
    if (!signature) return undefined;
    let found: number | undefined;
    for (let band = 0; band < bands; band++) {
      const key = signature.subarray(band * rowsPerBand, (band + 1) * rowsPerBand).join();
      const seen = this.bandsSeen[band]!;
      if (seen.size > mostTexts) seen.clear();
      const before = seen.get(key);
      const other = before === undefined ? undefined : this.signatures.get(before);
      if (other && found === undefined && likeness(signature, other) >= this.similarity) found = before;
      seen.set(key, at);
    }
    this.signatures.set(at, signature);
    if (this.signatures.size > mostTexts) this.signatures.delete(this.signatures.keys().next().value!);
    return found;
  }
}

function signatureOf(text: string): Uint32Array | undefined {
  if (text.length < shingleLength) return undefined;
  const signature = new Uint32Array(permutations).fill(0xffffffff);
  for (let at = 0; at + shingleLength <= text.length; at++) {
    let mixed = 2166136261;
    for (let i = at; i < at + shingleLength; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 16777619);
    mixed ^= mixed >>> 15;
    for (let i = 0; i < permutations; i++) {
      const value = (Math.imul(mixed, multipliers[i]!) + offsets[i]!) >>> 0;
      if (value < signature[i]!) signature[i] = value;
    }
  }
  return signature;
}

function likeness(one: Uint32Array, other: Uint32Array): number {
  let same = 0;
  for (let i = 0; i < permutations; i++) if (one[i] === other[i]) same++;
  return same / permutations;
}
