import { defineError } from '@bascule/platform';
import { describe, expect, it } from 'vitest';
import { bytesOf, parseMetadata } from './tus-headers.js';

const invalid = defineError({ code: 'test.invalid', kind: 'invalid', title: 'Not understood', remedy: 'Correct it.' });

describe('headers of tus', () => {
  it('carry metadata as names with values in base64, or none', () => {
    expect(parseMetadata('filename Z3LDtsOfZS5jc3Y=, draft')).toEqual({ filename: 'größe.csv', draft: '' });
  });

  it('are not metadata when a value is not base64, or a name is missing or stands twice', () => {
    for (const header of ['', ',', 'name ö', 'a b c', ' ', 'a eA==,a eQ==']) expect(parseMetadata(header)).toBeUndefined();
  });

  it('may name what every object has', () => {
    const values = parseMetadata('__proto__ eA==,constructor eQ==')!;
    expect(Object.entries(values)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  it('say bytes as whole numbers', () => {
    expect(bytesOf('Upload-Length', '0012', { invalid })).toBe(12);
    for (const text of [undefined, '', '-1', '1e3', '1.5', '9'.repeat(16)]) {
      expect(() => bytesOf('Upload-Length', text, { invalid })).toThrow('Upload-Length is not a number of bytes');
    }
  });
});
