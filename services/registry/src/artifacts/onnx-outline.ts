import { otherKindOf } from '../admission/file-kind.js';

/** What the outer message of an ONNX file says. */
export interface OnnxOutline {
  readonly irVersion: number | undefined;
  readonly hasGraph: boolean;
}

const irVersionField = 1;
const graphField = 7;
/** Fields of ModelProto; anything else on the outer level is another kind of file. */
const modelFields = new Set([1, 2, 3, 4, 5, 6, graphField, 8, 14, 20, 25, 26]);

/** Walks the outer protobuf message of a model file without building anything; undefined when it is not ONNX. */
export function outlineOf(bytes: Uint8Array): OnnxOutline | undefined {
  let at = 0;
  let irVersion: number | undefined;
  let hasGraph = false;
  const varint = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || !modelFields.has(tag >>> 3)) return undefined;
    const field = tag >>> 3;
    const value = varint();
    if (value === undefined) return undefined;
    if ((tag & 7) === 2) {
      at += value;
      if (field === graphField) hasGraph = value > 0;
    } else if ((tag & 7) === 0) {
      if (field === irVersionField) irVersion = value;
    } else return undefined;
  }
  return at === bytes.length ? { irVersion, hasGraph } : undefined;
}

/** Why these bytes are no usable model file; empty when they are. */
export function artifactFaults(bytes: Uint8Array): string[] {
  const other = otherKindOf(bytes);
  if (other) return [`the artifact is ${other}`];
  const outline = outlineOf(bytes);
  if (!outline) return ['the artifact is not an ONNX file'];
  const faults: string[] = [];
  if (outline.irVersion === undefined) faults.push('the artifact names no ONNX version');
  if (!outline.hasGraph) faults.push('the artifact holds no graph');
  return faults;
}
