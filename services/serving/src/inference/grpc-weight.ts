import { quoted } from './client-text.js';

/** Why a message is not decoded. */
export interface MessageFault {
  readonly reason: string;
  /** False: it has not the form of its type. */
  readonly isTooHeavy: boolean;
}

/** What one value takes in memory once it is decoded, in bytes. */
const weights = { number: 16, wide: 64, bytes: 128, part: 512 } as const;
/** Four million plain numbers: as many as fit a body of 16 MB as FP32. */
const maxWeight = 67_108_864;

const kinds = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** A field of a message: how it is on the wire, and what each of its values weighs. */
interface Field {
  readonly kind: (typeof kinds)[keyof typeof kinds];
  readonly name?: string;
  readonly weight?: number;
  /** May be many numbers in one. */
  readonly isPackable?: boolean;
  readonly message?: Message;
}
type Message = Readonly<Record<number, Field>>;

const text: Field = { kind: kinds.delimited };
const varint: Field = { kind: kinds.varint };
const cells = (name: string, kind: Field['kind'], weight: number): Field => ({ kind, name, weight, isPackable: true });
const part = (message: Message, name?: string): Field => ({
  kind: kinds.delimited,
  weight: weights.part,
  message,
  ...(name === undefined ? {} : { name }),
});

// the messages of proto/inference, by the numbers of their fields
const parameter: Message = { 1: varint, 2: varint, 3: text, 4: { kind: kinds.fixed64 }, 5: varint };
const parameters = part({ 1: text, 2: { kind: kinds.delimited, message: parameter } }, 'parameters');
const contents: Message = {
  1: cells('bool_contents', kinds.varint, weights.number),
  2: cells('int_contents', kinds.varint, weights.number),
  3: cells('int64_contents', kinds.varint, weights.wide),
  4: cells('uint_contents', kinds.varint, weights.number),
  5: cells('uint64_contents', kinds.varint, weights.wide),
  6: cells('fp32_contents', kinds.fixed32, weights.number),
  7: cells('fp64_contents', kinds.fixed64, weights.number),
  8: { kind: kinds.delimited, name: 'bytes_contents', weight: weights.bytes },
};
const input: Message = { 1: text, 2: text, 3: cells('shape', kinds.varint, weights.wide), 4: parameters, 5: part(contents) };
const output: Message = { 1: text, 2: parameters };
const request: Message = {
  1: text,
  2: text,
  3: text,
  4: parameters,
  5: part(input),
  6: part(output),
  7: { kind: kinds.delimited, weight: weights.bytes },
};
const nameField = 1;

/**
 * Why a ModelInferRequest is not to be decoded: a value of one byte on the wire becomes an object of up to a hundred, so that 16 MB
 * take all memory. What is not well formed is refused as well: decoders read it in ways that could not be foreseen here.
 */
export function messageFault(bytes: Uint8Array): MessageFault | undefined {
  const scale = new Scale(bytes);
  if (!scale.weigh(request, 0, bytes.length)) return { reason: 'parse binary: the message is not well formed', isTooHeavy: false };
  return scale.isFull ? { reason: scale.excess, isTooHeavy: true } : undefined;
}

class Scale {
  private at = 0;
  private left = maxWeight;
  /** Where the input that was looked at last begins and ends. */
  private lastInput: readonly [number, number] = [0, 0];
  private full: string | undefined;

  constructor(private readonly bytes: Uint8Array) {}

  get isFull(): boolean {
    return this.left < 0;
  }

  /** What was too much. */
  get excess(): string {
    const isContents = this.full?.endsWith('_contents');
    if (!isContents && this.full !== 'shape') return 'the request has too many parts: inputs, outputs and parameters together';
    const [from, to] = this.lastInput;
    const hint = isContents ? '; send as many in raw_input_contents' : '';
    return `input ${quoted(this.nameOf(from, to))}: ${this.full} has more elements than are taken${hint}`;
  }

  /** @returns false when the bytes are not such a message; they are read until it is full */
  weigh(message: Message, from: number, to: number): boolean {
    this.at = from;
    while (this.at < to && !this.isFull) {
      const tag = this.varint();
      const [number, kind] = [tag >>> 3, tag & 7];
      const end = this.endOf(kind);
      // NaN as well
      if (!(end <= to) || number === 0) return false;
      const field = message[number];
      if (field && !this.add(field, kind, end)) return false;
      this.at = end;
    }
    return this.isFull || this.at === to;
  }

  private add({ kind: own, name, weight = 0, isPackable = false, message }: Field, kind: number, end: number): boolean {
    const isPacked = isPackable && kind === kinds.delimited;
    if (kind !== own && !isPacked) return false;
    const count = isPacked ? this.count(own, end) : 1;
    if (Number.isNaN(count)) return false;
    this.left -= weight * count;
    if (this.isFull) {
      this.full = name;
      return true;
    }
    if (message === undefined) return true;
    if (message === input) this.lastInput = [this.at, end];
    return this.weigh(message, this.at, end);
  }

  /** Numbers up to `end`; NaN when the last one is torn. */
  private count(kind: Field['kind'], end: number): number {
    const { bytes, at } = this;
    if (kind !== kinds.varint) {
      const count = (end - at) / (kind === kinds.fixed32 ? 4 : 8);
      return Number.isInteger(count) ? count : Number.NaN;
    }
    let count = 0;
    // the last byte of each number has its highest bit clear
    for (let position = at; position < end; position++) if ((bytes[position] as number) < 128) count++;
    return end > at && (bytes[end - 1] as number) > 127 ? Number.NaN : count;
  }

  /** Where the content that begins now ends; it begins at `at` then. NaN when that cannot be told. */
  private endOf(kind: number): number {
    switch (kind) {
      case kinds.varint: {
        const start = this.at;
        const isTorn = Number.isNaN(this.varint());
        const end = this.at;
        this.at = start;
        return isTorn ? Number.NaN : end;
      }
      case kinds.fixed64:
        return this.at + 8;
      case kinds.fixed32:
        return this.at + 4;
      case kinds.delimited: {
        const length = this.varint();
        return this.at + length;
      }
      default:
        return Number.NaN;
    }
  }

  /** The lowest 32 bits of a number, as decoders take tags and lengths; NaN when it is torn. */
  private varint(): number {
    let value = 0;
    for (let byteNumber = 0; byteNumber < 10; byteNumber++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) return Number.NaN;
      if (byteNumber < 5) value += (byte & 127) * 128 ** byteNumber;
      if (byte < 128) return value % 2 ** 32;
    }
    return Number.NaN;
  }

  private nameOf(from: number, to: number): string {
    this.at = from;
    while (this.at < to) {
      const tag = this.varint();
      const end = this.endOf(tag & 7);
      if (!(end <= to)) return '';
      if (tag >>> 3 === nameField) return Buffer.from(this.bytes.subarray(this.at, Math.min(end, this.at + 200))).toString('utf8');
      this.at = end;
    }
    return '';
  }
}
