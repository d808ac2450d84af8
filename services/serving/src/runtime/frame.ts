import type { TensorDatatype } from '@bascule/contracts';
import { elementCount, type Tensor } from '../inference/tensor.js';
import { bytesOf, dataFromBytes } from '../inference/tensor-bytes.js';
import type { ExecutionProvider, RefusedProvider } from './execution-providers.js';

/** One tensor of a loaded graph as the runtime describes it; no datatype means that it cannot be served. */
export interface GraphTensor {
  readonly name: string;
  readonly datatype?: TensorDatatype;
  readonly shape: readonly number[];
}
export interface Graph {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  readonly runtime: string;
  /** Where it is computed, and where it could not be. */
  readonly provider: ExecutionProvider;
  readonly refusedProviders: readonly RefusedProvider[];
}

interface TensorHeader {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
}

/** What a frame says; its tensors or model bytes follow behind. */
export type FrameHeader =
  | { readonly kind: 'load'; readonly model: string }
  | { readonly kind: 'unload'; readonly model: string }
  | { readonly kind: 'run'; readonly model: string; readonly outputs: readonly string[]; readonly tensors: readonly TensorHeader[] }
  | { readonly kind: 'loaded'; readonly graph: Graph }
  | { readonly kind: 'ran'; readonly ms: number; readonly tensors: readonly TensorHeader[] }
  | { readonly kind: 'unloaded' }
  /** The process does not have the model, for example because it has just been started again. */
  | { readonly kind: 'not-loaded' }
  | { readonly kind: 'failed'; readonly message: string };

export interface Frame {
  readonly id: number;
  readonly header: FrameHeader;
  readonly body: Buffer;
}

const prefixBytes = 12;
/** Where a tensor starts within a frame is a multiple of this: its numbers can be read in place. */
const alignment = 8;
/** Frames from this size on get a buffer of their own, into which each chunk is copied once. */
const largeBytes = 16_384;
const maxSpares = 2;
const maxSpareBytes = 8_000_000;

/** Length, id, length of the header, header, body: in pieces, so that large bodies are not copied. */
export function encodeFrame(id: number, header: FrameHeader, body: readonly Uint8Array[] = []): Uint8Array[] {
  const text = Buffer.from(padded(JSON.stringify(header)));
  const bodyBytes = body.reduce((sum, part) => sum + part.byteLength, 0);
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32LE(8 + text.length + bodyBytes, 0);
  prefix.writeUInt32LE(id, 4);
  prefix.writeUInt32LE(text.length, 8);
  return [prefix, text, ...body];
}

// blanks behind JSON change nothing
function padded(json: string): string {
  return json + ' '.repeat(gapAfter(prefixBytes + Buffer.byteLength(json)));
}

function gapAfter(bytes: number): number {
  return (alignment - (bytes % alignment)) % alignment;
}

/** Collects what arrives on a socket and hands out whole frames. */
export class FrameReader {
  /** Of a frame that is small, or whose length is not known yet. */
  private small: Buffer = Buffer.alloc(0);
  private large: { readonly bytes: Buffer; filled: number } | undefined;
  private readonly lent = new WeakSet<ArrayBufferLike>();
  private readonly spares: ArrayBufferLike[] = [];

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = this.fill(chunk, frames);
    if (this.small.length > 0) rest = Buffer.concat([this.small, rest]);
    while (rest.length >= prefixBytes) {
      const length = 4 + rest.readUInt32LE(0);
      if (rest.length >= length) {
        frames.push(frameOf(rest.subarray(0, length)));
        rest = rest.subarray(length);
      } else if (length >= largeBytes) {
        this.large = { bytes: this.room(length), filled: 0 };
        rest = this.fill(rest, frames);
      } else break;
    }
    this.small = rest;
    return frames;
  }

  /** Takes back the bytes of a frame that nobody reads any more: a later one is written over them. */
  recycle({ body: { buffer } }: Frame): void {
    if (this.lent.delete(buffer) && this.spares.length < maxSpares && buffer.byteLength <= maxSpareBytes) this.spares.push(buffer);
  }

  /** Copies into the large frame that is being read; @returns what is left behind it */
  private fill(chunk: Buffer, frames: Frame[]): Buffer {
    const { large } = this;
    if (!large) return chunk;
    const taken = chunk.copy(large.bytes, large.filled);
    large.filled += taken;
    if (large.filled === large.bytes.length) {
      this.large = undefined;
      frames.push(frameOf(large.bytes));
    }
    return chunk.subarray(taken);
  }

  private room(length: number): Buffer {
    const position = this.spares.findIndex(({ byteLength }) => byteLength >= length);
    // where none is large enough, one of the small ones makes room for what comes back
    const [spare] = this.spares.splice(Math.max(0, position), 1);
    const buffer = spare !== undefined && position >= 0 ? spare : Buffer.allocUnsafeSlow(length).buffer;
    this.lent.add(buffer);
    return Buffer.from(buffer, 0, length);
  }
}

function frameOf(bytes: Buffer): Frame {
  const bodyAt = prefixBytes + bytes.readUInt32LE(8);
  const header = JSON.parse(bytes.toString('utf8', prefixBytes, bodyAt)) as FrameHeader;
  return { id: bytes.readUInt32LE(4), header, body: bytes.subarray(bodyAt) };
}

/** Header and body of a list of tensors. */
export function packTensors(tensors: readonly Tensor[]): { headers: TensorHeader[]; body: Buffer[] } {
  const body: Buffer[] = [];
  const headers = tensors.map(({ name, datatype, shape, data }) => {
    const bytes = bytesOf(data);
    const gap = gapAfter(bytes.length);
    body.push(bytes);
    if (gap > 0) body.push(blank.subarray(0, gap));
    return { name, datatype, shape, sizeBytes: bytes.length };
  });
  return { headers, body };
}

const blank = Buffer.alloc(alignment);

/** The reverse of `packTensors`. */
export function unpackTensors(headers: readonly TensorHeader[], body: Buffer): Tensor[] {
  let offset = 0;
  return headers.map(({ name, datatype, shape, sizeBytes }) => {
    const data = dataFromBytes(datatype, elementCount(shape), body.subarray(offset, offset + sizeBytes));
    if (typeof data === 'string') throw new Error(`tensor ${name}: ${data}`);
    offset += sizeBytes + gapAfter(sizeBytes);
    return { name, datatype, shape, data };
  });
}
