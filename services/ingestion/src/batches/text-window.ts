import { isUtf8 } from 'node:buffer';

/** A record of more characters is set apart: reading it would need memory without bound. */
export const longestRecord = 1024 * 1024;

const windowBytes = 2 * 1024 * 1024;

/**
 * The text of a batch, decoded a stretch at a time: as one string it can be larger than the heap.
 * Bytes that are not UTF-8 become U+FFFD; a byte order mark is dropped.
 */
export class TextWindow {
  /** True when all bytes are UTF-8. */
  readonly isClean: boolean;
  /** The part that can be read now. */
  text = '';
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isClean = isUtf8(this.bytes);
    if (this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) this.at = 3;
    this.fill(0);
  }

  /** True when no text comes after the window. */
  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** True when the byte, an ASCII character, occurs anywhere in the content. */
  has(character: number): boolean {
    return this.bytes.includes(character);
  }

  /** True when a record of the longest size may reach past the window. */
  isShortAt(position: number): boolean {
    return !this.isAtEnd && this.text.length - position < longestRecord + 2;
  }

  /** Drops what lies before the position, which becomes 0, and reads on until the longest record fits. */
  fill(position: number): void {
    let text = this.text.slice(position);
    while (!this.isAtEnd && text.length < longestRecord + 2) text += this.decode();
    this.text = text;
  }

  /** Finds the end of a line that may be longer than the window. @returns the position behind it */
  skipLine(position: number, newline: string): number {
    let from = position;
    for (;;) {
      const end = this.text.indexOf(newline, from);
      if (end >= 0) return end + 1;
      if (this.isAtEnd) return this.text.length;
      this.text = this.decode();
      from = 0;
    }
  }

  private decode(): string {
    const start = this.at;
    let end = Math.min(this.bytes.length, start + windowBytes);
    // not between the bytes of one character
    for (let i = 0; i < 3 && end < this.bytes.length && (this.bytes[end]! & 0xc0) === 0x80; i++) end--;
    this.at = end;
    return this.bytes.toString('utf8', start, end);
  }
}
