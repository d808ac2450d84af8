import { hash } from 'node:crypto';

/** A set of texts by 64 bits of their SHA-256, outside the heap: 8 to 16 bytes each, however long the text. */
export class DigestSet {
  private slots = new Uint32Array(2048);
  private size = 0;

  /** Adds a text. @returns false when it was there before */
  add(text: string): boolean {
    const digest = hash('sha256', text, 'buffer');
    // 0 0 is an empty slot
    const isNew = this.put(digest.readUInt32LE(0), digest.readUInt32LE(4) || 1);
    if (isNew && ++this.size * 3 > this.slots.length) this.grow();
    return isNew;
  }

  private put(low: number, high: number): boolean {
    const { slots } = this;
    const mask = slots.length / 2 - 1;
    for (let at = low & mask; ; at = (at + 1) & mask) {
      if (slots[2 * at + 1] === 0) {
        slots[2 * at] = low;
        slots[2 * at + 1] = high;
        return true;
      }
      if (slots[2 * at] === low && slots[2 * at + 1] === high) return false;
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) if (before[at + 1] !== 0) this.put(before[at]!, before[at + 1]!);
  }
}
