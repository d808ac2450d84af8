import { NearDuplicates } from './near-duplicates.js';
import type { ValidRow } from './validate-batch.js';

/** Which records of a batch have nearly the text of a later one: a bit each, and the signatures of the last 100,000. */
export class LaterTexts {
  private readonly seen: NearDuplicates;
  private bits = new Uint8Array(1024);

  constructor(similarity: number) {
    this.seen = new NearDuplicates(similarity);
  }

  /** Takes the records in their order. @param signature of the text of the record; none of a short one */
  note({ row }: Pick<ValidRow, 'row'>, signature: Uint32Array | undefined): void {
    if (!signature) return;
    for (const owner of this.seen.ownersLike(signature)) this.mark(Number(owner));
    this.seen.remember(signature, BigInt(row));
  }

  /** Whether a later record was nearly the same. */
  has(row: number): boolean {
    return ((this.bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  private mark(row: number): void {
    if (row >> 3 >= this.bits.length) {
      const { bits } = this;
      this.bits = new Uint8Array(Math.max(2 * bits.length, (row >> 3) + 1));
      this.bits.set(bits);
    }
    this.bits[row >> 3]! |= 1 << (row & 7);
  }
}
