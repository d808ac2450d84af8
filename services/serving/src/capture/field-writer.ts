import { endianness } from 'node:os';

const isLittleEndian = endianness() === 'LE';
const bytesPerLength = 4;
const maxGrown = 2_000_000;
/** Shorter texts are copied faster here than by the way out of the engine and back. */
const shortText = 16;
/** So many numbers are written faster one by one than by a view of their bytes. */
const fewNumbers = 64;
const notHex = 255;
const nibbles = new Uint8Array(128).fill(notHex);
for (const [value, digit] of [...'0123456789abcdef'].entries()) nibbles[digit.charCodeAt(0)] = value;
const dash = 0x2d;
const uuidText = 36;
const uuidBytes = 16;
const traceText = 55;
const traceBytes = 25;

/** Writes protobuf by hand into one buffer that is used again and again: capturing a row allocates nothing. */
export class FieldWriter {
  bytes: Buffer;
  length = 0;
  private view: DataView;

  constructor(private readonly initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Starts over; a buffer that has grown far is given back. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > maxGrown) this.resize(this.initialBytes);
  }

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    if (this.length + bytes > this.bytes.length) this.resize(Math.max(this.bytes.length * 2, this.length + bytes));
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Leaves the place of a length that is known later. */
  openLength(): number {
    this.reserve(bytesPerLength);
    this.length += bytesPerLength;
    return this.length;
  }

  /** Fills in the length of what was written since; always four bytes, which every decoder takes. */
  closeLength(start: number): void {
    const length = this.length - start;
    const { bytes } = this;
    bytes[start - 4] = (length & 127) | 128;
    bytes[start - 3] = ((length >>> 7) & 127) | 128;
    bytes[start - 2] = ((length >>> 14) & 127) | 128;
    bytes[start - 1] = (length >>> 21) & 127;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let at = this.length;
    let rest = value;
    if (rest >= 2 ** 31) {
      // the lowest four digits of 128 as one whole number: divided once
      const high = Math.floor(rest / 2 ** 28);
      const low = rest - high * 2 ** 28;
      bytes[at++] = (low & 127) | 128;
      bytes[at++] = ((low >>> 7) & 127) | 128;
      bytes[at++] = ((low >>> 14) & 127) | 128;
      bytes[at++] = (low >>> 21) | 128;
      rest = high;
    }
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** A 64-bit number, signed as protobuf's `int64`. */
  int64(value: number | bigint): void {
    if (typeof value === 'number' ? value >= 0 : value >= 0n && value <= Number.MAX_SAFE_INTEGER) this.varint(Number(value));
    else this.wide(value);
  }

  private wide(value: number | bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.bytes[this.length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  /** The value alone; say its tag before. */
  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A text with its length; say its tag before. */
  text(value: string): void {
    const { length } = value;
    if (length < 128) {
      // at most three bytes for each UTF-16 unit
      this.reserve(3 * length + 1);
      const written = length < shortText ? this.ascii(value) : this.bytes.write(value, this.length + 1);
      if (written === length) {
        this.bytes[this.length] = length;
        this.length += 1 + length;
        return;
      }
    }
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.length += this.bytes.write(value, this.length);
  }

  /** Bytes with their length; say their tag before. */
  blob(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /**
   * The sixteen bytes of a UUID with their length; say its tag before.
   * @returns false, with nothing written, when the text is not one in lower case
   */
  uuid(value: string): boolean {
    if (value.length !== uuidText) return false;
    for (let at = 8; at <= 23; at += 5) if (value.charCodeAt(at) !== dash) return false;
    this.reserve(1 + uuidBytes);
    const start = this.length + 1;
    const digits =
      this.hex(value, 0, 4, start) |
      this.hex(value, 9, 2, start + 4) |
      this.hex(value, 14, 2, start + 6) |
      this.hex(value, 19, 2, start + 8) |
      this.hex(value, 24, 6, start + 10);
    return this.end(digits, uuidBytes);
  }

  /**
   * Trace id, parent id and flags of a `traceparent` of version 00 with their length; say its tag before.
   * @returns false, with nothing written, when the text is none
   */
  trace(value: string): boolean {
    if (value.length !== traceText || !value.startsWith('00-')) return false;
    if (value.charCodeAt(35) !== dash || value.charCodeAt(52) !== dash) return false;
    this.reserve(1 + traceBytes);
    const start = this.length + 1;
    const digits = this.hex(value, 3, 16, start) | this.hex(value, 36, 8, start + 16) | this.hex(value, 53, 1, start + 24);
    return this.end(digits, traceBytes);
  }

  /** Numbers of 32 bits, one behind the other as they are in memory; say their length before. */
  singles(data: Float32Array, start: number, length: number): void {
    this.reserve(length * 4);
    if (isLittleEndian && length > fewNumbers) {
      this.bytes.set(new Uint8Array(data.buffer, data.byteOffset + start * 4, length * 4), this.length);
    } else {
      const { view, length: to } = this;
      for (let index = 0; index < length; index++) view.setFloat32(to + index * 4, data[start + index] as number, true);
    }
    this.length += length * 4;
  }

  /** @returns all digits together: above 15 when one of them was none */
  private hex(text: string, from: number, count: number, to: number): number {
    const { bytes } = this;
    let all = 0;
    for (let byte = 0; byte < count; byte++) {
      const high = nibbles[text.charCodeAt(from + 2 * byte)] ?? notHex;
      const low = nibbles[text.charCodeAt(from + 2 * byte + 1)] ?? notHex;
      bytes[to + byte] = (high << 4) | low;
      all |= high | low;
    }
    return all;
  }

  private end(digits: number, count: number): boolean {
    if (digits > 15) return false;
    this.bytes[this.length] = count;
    this.length += 1 + count;
    return true;
  }

  /** Bytes written behind the place of the length: as many as there are characters, when all are ASCII. */
  private ascii(value: string): number {
    const { bytes } = this;
    const start = this.length + 1;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return -1;
      bytes[start + index] = code;
    }
    return value.length;
  }

  private resize(bytes: number): void {
    const former = this.bytes;
    this.bytes = Buffer.allocUnsafeSlow(bytes);
    former.copy(this.bytes, 0, 0, Math.min(this.length, bytes));
    this.view = new DataView(this.bytes.buffer);
  }
}
