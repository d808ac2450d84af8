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

/** Length, id, length of the header, header, body: in pieces, so that large bodies are not copied. */
export function encodeFrame(id: number, header: FrameHeader, body: readonly Uint8Array[] = []): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header));
  const bodyBytes = body.reduce((sum, part) => sum + part.byteLength, 0);
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32LE(8 + text.length + bodyBytes, 0);
  prefix.writeUInt32LE(id, 4);
  prefix.writeUInt32LE(text.length, 8);
  return [prefix, text, ...body];
}

/** Collects what arrives on a socket and hands out whole frames. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;

  push(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.next(); frame; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | undefined {
    if (this.size < prefixBytes) return undefined;
    if ((this.chunks[0] as Buffer).length < prefixBytes) this.chunks = [Buffer.concat(this.chunks)];
    const length = 4 + (this.chunks[0] as Buffer).readUInt32LE(0);
    if (this.size < length) return undefined;
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    const rest = all.subarray(length);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
    const bodyAt = prefixBytes + all.readUInt32LE(8);
    const header = JSON.parse(all.toString('utf8', prefixBytes, bodyAt)) as FrameHeader;
    return { id: all.readUInt32LE(4), header, body: all.subarray(bodyAt, length) };
  }
}

/** Header and body of a list of tensors. */
export function packTensors(tensors: readonly Tensor[]): { headers: TensorHeader[]; body: Buffer[] } {
  const body = tensors.map((tensor) => bytesOf(tensor.data));
  const headers = tensors.map(({ name, datatype, shape }, position) => ({
    name,
    datatype,
    shape,
    sizeBytes: (body[position] as Buffer).length,
  }));
  return { headers, body };
}

/** The reverse of `packTensors`. */
export function unpackTensors(headers: readonly TensorHeader[], body: Buffer): Tensor[] {
  let offset = 0;
  return headers.map(({ name, datatype, shape, sizeBytes }) => {
    const data = dataFromBytes(datatype, elementCount(shape), body.subarray(offset, offset + sizeBytes));
    if (typeof data === 'string') throw new Error(`tensor ${name}: ${data}`);
    offset += sizeBytes;
    return { name, datatype, shape, data };
  });
}
