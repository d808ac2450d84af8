import { hash } from 'node:crypto';

const bands = 16;
const rowsPerBand = 4;
/** Numbers of a signature. */
export const signatureLength = bands * rowsPerBand;
const shingleLength = 5;
/** Texts that are remembered; beyond, the oldest are forgotten. */
export const mostTexts = 100_000;
const longestText = 5000;
/** Candidates that one band may bring. */
const mostCandidates = 32;

const multipliers = Uint32Array.from({ length: signatureLength }, (_, i) => Number.parseInt(hash('sha256', `a${i}`).slice(0, 8), 16) | 1);
const offsets = Uint32Array.from({ length: signatureLength }, (_, i) => Number.parseInt(hash('sha256', `b${i}`).slice(0, 8), 16));

/**
 * Finds texts that are nearly the same as one before: MinHash over runs of five characters, case and spacing apart, in 16 bands of 4.
 * Holds the last 100,000 in flat arrays, 400 bytes each.
 */
export class NearDuplicates {
  private capacity = 1024;
  private signatures = new Uint32Array(this.capacity * signatureLength);
  private owners = new BigUint64Array(this.capacity);
  /** Of each band and bucket the last text in it (0 is none), and of each text the one before it in the same bucket. */
  private heads = new Int32Array(bands * this.capacity);
  private before = new Int32Array(bands * this.capacity);
  private count = 0;

  /**
   * @param similarity share of runs that two texts must have in common, as estimated
   * @param most texts that are remembered
   */
  constructor(
    private readonly similarity: number,
    private readonly most = mostTexts,
  ) {}

  /** Remembers a text. @returns the number (from 0) of one before that it is nearly the same as */
  add(text: string): number | undefined {
    const signature = signatureOf(text);
    const found = signature && this.find(signature);
    this.remember(signature ?? empty);
    return found;
  }

  /** The number of a remembered text that is nearly the same, and not of the same owner (0 is nobody). */
  find(signature: Uint32Array, owner = 0n): number | undefined {
    for (let band = 0; band < bands; band++) {
      let at = this.heads[this.bucket(signature, 0, band)]!;
      for (let step = 0; at > 0 && step < mostCandidates; step++) {
        const slot = (at - 1) % this.capacity;
        const isOwn = owner !== 0n && this.owners[slot] === owner;
        if (!isOwn && this.isLike(signature, slot)) return this.numberIn(slot);
        at = this.before[band * this.capacity + slot]!;
      }
    }
    return undefined;
  }

  /** The owners of remembered texts that are nearly the same, the latest among them. */
  ownersLike(signature: Uint32Array): Set<bigint> {
    const found = new Set<bigint>();
    for (let band = 0; band < bands; band++) {
      let at = this.heads[this.bucket(signature, 0, band)]!;
      for (let step = 0; at > 0 && step < mostCandidates; step++) {
        const slot = (at - 1) % this.capacity;
        if (this.isLike(signature, slot)) found.add(this.owners[slot]!);
        at = this.before[band * this.capacity + slot]!;
      }
    }
    return found;
  }

  /** Remembers a text by its signature. */
  remember(signature: Uint32Array, owner = 0n): void {
    if (this.count >= this.capacity && this.capacity < this.most) this.grow();
    const slot = this.count % this.capacity;
    this.signatures.set(signature, slot * signatureLength);
    this.owners[slot] = owner;
    this.count++;
    if (signature !== empty) this.link(slot);
  }

  private link(slot: number): void {
    for (let band = 0; band < bands; band++) {
      const bucket = this.bucket(this.signatures, slot * signatureLength, band);
      // one that stood here before may still be led to: whoever is led there compares, and finds that it is another
      if (this.heads[bucket] === slot + 1) continue;
      this.before[band * this.capacity + slot] = this.heads[bucket]!;
      this.heads[bucket] = slot + 1;
    }
  }

  private bucket(numbers: Uint32Array, from: number, band: number): number {
    let mixed = 2166136261;
    const start = from + band * rowsPerBand;
    for (let at = start; at < start + rowsPerBand; at++) mixed = Math.imul(mixed ^ numbers[at]!, 16777619);
    return band * this.capacity + (((mixed ^ (mixed >>> 15)) >>> 0) % this.capacity);
  }

  private isLike(signature: Uint32Array, slot: number): boolean {
    const start = slot * signatureLength;
    let same = 0;
    for (let i = 0; i < signatureLength; i++) if (signature[i] === this.signatures[start + i]) same++;
    return same / signatureLength >= this.similarity;
  }

  /** The number of the text that a slot holds now. */
  private numberIn(slot: number): number {
    const last = this.count - 1;
    return last - ((last - slot) % this.capacity);
  }

  private grow(): void {
    const [signatures, owners] = [this.signatures, this.owners];
    this.capacity = Math.min(this.most, this.capacity * 4);
    this.signatures = new Uint32Array(this.capacity * signatureLength);
    this.signatures.set(signatures);
    this.owners = new BigUint64Array(this.capacity);
    this.owners.set(owners);
    this.heads = new Int32Array(bands * this.capacity);
    this.before = new Int32Array(bands * this.capacity);
    for (let slot = 0; slot < this.count; slot++) if (this.signatures[slot * signatureLength] !== noSignature) this.link(slot);
  }
}

const noSignature = 0xffffffff;
const empty = new Uint32Array(signatureLength).fill(noSignature);

/** The signature of a text; undefined where it is too short to be nearly the same as another. */
export function signatureOf(written: string): Uint32Array | undefined {
  const text = written.toLowerCase().replace(/\s+/g, ' ').trim().slice(0, longestText);
  if (text.length < shingleLength) return undefined;
  const signature = new Uint32Array(signatureLength).fill(noSignature);
  for (let at = 0; at + shingleLength <= text.length; at++) {
    let mixed = 2166136261;
    for (let i = at; i < at + shingleLength; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 16777619);
    mixed ^= mixed >>> 15;
    for (let i = 0; i < signatureLength; i++) {
      const value = (Math.imul(mixed, multipliers[i]!) + offsets[i]!) >>> 0;
      if (value < signature[i]!) signature[i] = value;
    }
  }
  return signature;
}
