import type { TensorDatatype } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { isCellFault, readCell } from './cell.js';

const outcome = (datatype: TensorDatatype, value: unknown) => {
  const read = readCell(datatype, value);
  return isCellFault(read) ? read.reason : read;
};

describe('a value of a record', () => {
  it('may be a number as text, in the notation of JSON and with spaces around it', () => {
    expect(['12.5', ' 12.5 ', '-3e2', '+4', '.5', '7.'].map((text) => outcome('FP64', text))).toEqual([12.5, 12.5, -300, 4, 0.5, 7]);
    expect(['0x10', '1,5', '1 000', '12.5 km/h', 'ten', 'e5', '--1'].map((text) => outcome('FP64', text))).toEqual(
      new Array(7).fill('wrong_type'),
    );
  });

  it('is missing as empty text where a float may be missing', () => {
    expect(outcome('FP32', '')).toBeNaN();
    expect(outcome('FP32', '  ')).toBeNaN();
    expect(outcome('INT32', '')).toBe('wrong_type');
  });

  it('may be infinite or NaN by name, as in tensors', () => {
    expect(['Infinity', '-Infinity', 'NaN', Infinity].map((value) => outcome('FP32', value))).toEqual([
      Infinity,
      -Infinity,
      Number.NaN,
      Infinity,
    ]);
  });

  it('that is finite never becomes infinite', () => {
    expect(outcome('FP32', 3.402_823_4e38)).toBe(3.402_823_4e38);
    expect(outcome('FP32', 3.5e38)).toBe('out_of_range');
    expect(outcome('FP32', '-1e39')).toBe('out_of_range');
    expect(outcome('FP16', 65_504)).toBe(65_504);
    expect(outcome('FP16', 70_000)).toBe('out_of_range');
    expect(outcome('FP64', 1e300)).toBe(1e300);
  });

  it('is an exact integer within its range', () => {
    expect(outcome('INT8', 127)).toBe(127);
    expect(outcome('INT8', 128)).toBe('out_of_range');
    expect(outcome('UINT8', -1)).toBe('out_of_range');
    expect(outcome('INT32', 3.5)).toBe('wrong_type');
    expect(outcome('INT32', '3.0')).toBe(3);
    expect(outcome('INT64', '9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(outcome('INT64', '9007199254740993.0')).toBe(9007199254740993n);
    expect(readCell('INT64', 2 ** 53 + 2)).toEqual({
      reason: 'wrong_type',
      message: 'an integer beyond 2^53 must be sent as text to be exact',
    });
    expect(outcome('INT64', 2n ** 63n)).toBe('out_of_range');
    expect(outcome('UINT64', 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  });

  it('is text only when it was sent as text', () => {
    expect(outcome('BYTES', '07')).toBe('07');
    expect(outcome('BYTES', 7)).toBe('wrong_type');
    expect(outcome('BYTES', true)).toBe('wrong_type');
    expect(outcome('BYTES', 'a\0b')).toBe('wrong_type');
    expect(outcome('BYTES', '\ud800')).toBe('wrong_type');
  });

  it('is true or false in the usual spellings', () => {
    expect([true, 'true', 1, '1', false, 'false', 0, '0'].map((value) => outcome('BOOL', value))).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(['yes', 2, 'TRUE'].map((value) => outcome('BOOL', value))).toEqual(['wrong_type', 'wrong_type', 'wrong_type']);
  });

  it('is never a list or an object, and a long one is not repeated in full', () => {
    expect([[], {}, [1]].map((value) => outcome('FP32', value))).toEqual(['wrong_type', 'wrong_type', 'wrong_type']);
    const read = readCell('FP32', 'x'.repeat(10_000));
    expect(isCellFault(read) && read.message.length).toBeLessThan(100);
  });
});
