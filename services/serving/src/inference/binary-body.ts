import { type Parsed, refuse } from './inference-limits.js';
import { giveBack } from './stack-room.js';

/** Header of the binary tensor extension: how many bytes at the start of the body are JSON. */
export const headerLengthName = 'inference-header-content-length';

/** A body of the binary tensor extension: JSON, and behind it the raw bytes of tensors. */
export class BinaryBody {
  private offset = 0;

  constructor(
    readonly json: unknown,
    private readonly tensors: Buffer,
  ) {}

  /** The next `size` bytes, which belong to `called`; a view, not a copy. */
  take(called: string, size: unknown): Parsed<Buffer> {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      return refuse(`${called}: binary_data_size must be a whole number of bytes`);
    }
    const left = this.tensors.length - this.offset;
    if (size > left) return refuse(`${called}: binary_data_size is ${size}, the body has ${left} bytes left for it`);
    const bytes = this.tensors.subarray(this.offset, this.offset + size);
    this.offset += size;
    return { ok: true, value: bytes };
  }

  /** Gives back the storage of the raw tensors; nobody may read them any more. */
  release(): void {
    giveBack(this.tensors.buffer);
  }

  /** Bytes that no input has taken. */
  get leftBytes(): number {
    return this.tensors.length - this.offset;
  }
}

/** Cuts a body where its header says that the JSON ends. */
export function splitBody(body: Buffer, headerLength: unknown): Parsed<{ json: Buffer; tensors: Buffer }> {
  const length = typeof headerLength === 'string' && /^\d{1,10}$/.test(headerLength) ? Number(headerLength) : 0;
  if (length === 0) return refuse('Inference-Header-Content-Length must be the number of bytes of the JSON, from 1');
  if (length > body.length) return refuse(`Inference-Header-Content-Length is ${length}, the body has ${body.length} bytes`);
  return { ok: true, value: { json: body.subarray(0, length), tensors: body.subarray(length) } };
}
