import type { Tensor } from './tensor.js';

/** Bytes that inputs take in memory, near enough to bound a queue: a text counts its UTF-16 units and the reference to it. */
export function sizeOfInputs(inputs: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of inputs) {
    if (Array.isArray(data)) for (const text of data) bytes += 8 + 2 * text.length;
    else bytes += data.byteLength;
  }
  return bytes;
}
