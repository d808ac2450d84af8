import { describe, expect, it } from 'vitest';
import { artifactFaults, outlineOf } from './onnx-outline.js';

const irVersion = [0x08, 0x0a];
const producer = [0x12, 0x03, 0x61, 0x62, 0x63];
const graph = [0x3a, 0x02, 0x0a, 0x00];

describe('outlineOf', () => {
  it('finds version and graph of a model file', () => {
    expect(outlineOf(Uint8Array.from([...irVersion, ...producer, ...graph]))).toEqual({ irVersion: 10, hasGraph: true });
  });

  it('refuses a file that is cut off', () => {
    expect(outlineOf(Uint8Array.from([...irVersion, 0x3a, 0x7f, 0x00]))).toBeUndefined();
  });

  it('refuses fields that ONNX does not have', () => {
    expect(outlineOf(Uint8Array.from([0x7a, 0x00]))).toBeUndefined();
  });

  it('refuses text', () => {
    expect(outlineOf(Buffer.from('{"weights": []}'))).toBeUndefined();
  });

  it('ends on a number that never ends', () => {
    expect(outlineOf(new Uint8Array(64).fill(0xff))).toBeUndefined();
  });
});

describe('artifactFaults', () => {
  it('accepts a model file', () => {
    expect(artifactFaults(Uint8Array.from([...irVersion, ...graph]))).toEqual([]);
  });

  it('names what is missing', () => {
    expect(artifactFaults(Uint8Array.from(irVersion))).toEqual(['the artifact holds no graph']);
    expect(artifactFaults(Uint8Array.from(graph))).toEqual(['the artifact names no ONNX version']);
    expect(artifactFaults(new Uint8Array(0))).toEqual(['the artifact is empty']);
  });
});
