import { hash } from 'node:crypto';

/** The last record of each key, by 64 bits of its SHA-256, outside the heap: 12 to 24 bytes a key. */
export class LastOccurrences {
  private slots = new Uint32Array(3 * 1024);
  private size = 0;

  /** Remembers that a record has the key. */
  set(key: string, row: number): void {
    const [low, high] = wordsOf(key);
    if (this.put(low, high, row) && ++this.size * 6 > this.slots.length) this.grow();
  }

  /** Number of the last record with the key; undefined when there is none. */
  get(key: string): number | undefined {
    const [low, high] = wordsOf(key);
    const at = this.find(low, high);
    return this.slots[3 * at + 1] === 0 ? undefined : this.slots[3 * at + 2];
  }

  private find(low: number, high: number): number {
    const { slots } = this;
    const count = slots.length / 3;
    for (let at = low % count; ; at = (at + 1) % count) {
      if (slots[3 * at + 1] === 0 || (slots[3 * at] === low && slots[3 * at + 1] === high)) return at;
    }
  }

  private put(low: number, high: number, row: number): boolean {
    const at = this.find(low, high);
    const isNew = this.slots[3 * at + 1] === 0;
    this.slots.set([low, high, row], 3 * at);
    return isNew;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 3) if (before[at + 1] !== 0) this.put(before[at]!, before[at + 1]!, before[at + 2]!);
  }
}

function wordsOf(key: string): [number, number] {
  const digest = hash('sha256', key, 'buffer');
  // 0 in the second word is an empty slot
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}
