import { describe, expect, it } from 'vitest';
import { isOnlyNaN, silentVerdict } from './silent-outputs.js';

describe('an output that is only NaN', () => {
  it('is known among floats of any width, and never among other types', () => {
    expect(isOnlyNaN('float32', new Float32Array([Number.NaN, Number.NaN]))).toBe(true);
    expect(isOnlyNaN('float32', new Float32Array([Number.NaN, 0.5]))).toBe(false);
    expect(isOnlyNaN('float32', new Float32Array([Number.POSITIVE_INFINITY]))).toBe(false);
    expect(isOnlyNaN('float16', new Uint16Array([0x7e00, 0xfe00]))).toBe(true);
    expect(isOnlyNaN('float16', new Uint16Array([0x7c00]))).toBe(false);
    expect(isOnlyNaN('string', ['NaN'])).toBe(false);
    expect(isOnlyNaN('float32', [])).toBe(false);
  });

  it('keeps a model out when the sender gave the rows, and is a caution when they were made up', () => {
    expect(silentVerdict([['p']], true)).toEqual({ faults: ['output "p" is NaN in every answer to the samples'], cautions: [] });
    const { faults, cautions } = silentVerdict([['p', 'q'], ['p']], false);
    expect([faults, cautions]).toEqual([[], [expect.stringContaining('output "p" is NaN in every answer to made-up rows')]]);
  });

  it('is nothing to speak of when another sample has a number', () => {
    expect(silentVerdict([['p'], []], true)).toEqual({ faults: [], cautions: [] });
  });
});
