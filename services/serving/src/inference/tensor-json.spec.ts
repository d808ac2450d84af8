import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { dataFromJson, parseExactJson } from './tensor-json.js';
import { dataToJson } from './tensor-to-json.js';

describe('tensor data in JSON', () => {
  it('may be flat or nested', () => {
    const flat = dataFromJson('FP32', [2, 2], 4, [1, 2, 3, 4]);
    assert.deepEqual(
      dataFromJson('FP32', [2, 2], 4, [
        [1, 2],
        [3, 4],
      ]),
      flat,
    );
  });

  it.each([
    ['rows of unequal length', 'FP32', [2, 2], [[1, 2], [3]], /does not have the shape/],
    ['a scalar between lists', 'FP32', [2, 2], [[1, 2], 3], /does not have the shape/],
    ['too many elements', 'FP32', [1], [1, 2], /2 elements/],
    ['a fraction for an integer', 'INT32', [1], [1.5], /element 0 is 1.5/],
    ['a value out of range', 'UINT8', [1], [256], /element 0 is 256/],
    ['a number for text', 'BYTES', [1], [1], /element 0 is 1/],
    ['null for an integer', 'INT64', [1], [null], /element 0 is null/],
    ['an object for a number', 'FP32', [1], [{}], /an object/],
  ] as const)('refuses %s', (_case, datatype, shape, json, reason) => {
    assert.match(
      String(
        dataFromJson(
          datatype,
          shape,
          shape.reduce((a, b) => a * b, 1),
          json as unknown[],
        ),
      ),
      reason,
    );
  });

  it('reads null as a missing number and writes it back', () => {
    const data = dataFromJson('FP64', [2], 2, [null, 1]);
    assert.deepEqual(data, Float64Array.of(Number.NaN, 1));
    assert.equal(JSON.stringify(dataToJson('FP64', data as Float64Array)), '[null,1]');
  });

  it('writes infinities as numbers that parsers read as infinite', () => {
    const text = JSON.stringify(dataToJson('FP32', Float32Array.of(Infinity, -Infinity)));
    assert.deepEqual(JSON.parse(text), [Infinity, -Infinity]);
  });

  it('keeps the sign of zero', () => {
    const text = JSON.stringify(dataToJson('FP32', Float32Array.of(-0, 0)));
    assert.ok(Object.is((JSON.parse(text) as number[])[0], -0));
    assert.ok(Object.is((JSON.parse(text) as number[])[1], 0));
  });

  it.each([
    ['[1234567890123456]', 1234567890123456],
    ['[12345678901234567]', 12345678901234567n],
    ['{"a": -12345678901234567}', -12345678901234567n],
    ['[1,\n12345678901234567]', 12345678901234567n],
    ['[0.12345678901234567]', Number('0.12345678901234567')],
    ['[12345678901234567.0]', 12345678901234567n],
    ['[12345678901234567.5]', Number('12345678901234567.5')],
    ['[1.2345678901234567e30]', 1.2345678901234567e30],
    ['["12345678901234567,12345678901234567]"]', '12345678901234567,12345678901234567]'],
  ])('reads %s as it is meant', (text, expected) => {
    assert.deepEqual(Object.values(parseExactJson(text) as object).at(-1), expected);
  });

  it('reads a long integer with a point and zeros digit by digit, and names an integer out of range as it was sent', () => {
    const read = (text: string) => dataFromJson('INT64', [1], 1, (parseExactJson(text) as { data: unknown[] }).data);
    assert.deepEqual(read('{"data":[9007199254740993.0]}'), BigInt64Array.of(9007199254740993n));
    assert.match(String(read('{"data":[9223372036854775808.0]}')), /9223372036854775808/);
  });

  const readAs = (datatype: 'INT64' | 'INT32' | 'FP64' | 'BYTES', data: string) => {
    const cells = (parseExactJson(`{"data":${data}}`) as { data: unknown[] }).data;
    return dataFromJson(datatype, [cells.length], cells.length, cells);
  };

  it.each([
    ['[1e18]', 10n ** 18n],
    ['[9.223372036854775807E+18]', 2n ** 63n - 1n],
    ['[-9223372036854775808e0]', -(2n ** 63n)],
    ['[9007199254740993e0]', 9007199254740993n],
    ['[1.5e3]', 1500n],
  ])('reads the integer %s exactly, however it is written', (data, expected) => {
    assert.deepEqual(readAs('INT64', data), BigInt64Array.of(expected));
  });

  it.each([
    ['1e19', /^element 0 is 10000000000000000000, which is no INT64$/],
    ['1e400', /^element 0 is Infinity, as a number beyond 1.8e308 is read, which is no INT64$/],
    ['9007199254740993.5', /^element 0 was read as about 9007199254740994: write an integer of this size digit by digit$/],
    ['1e30', /^element 0 is 1e\+30, which is no INT64$/],
  ])('says of %s why it is no integer of 64 bits', (data, reason) => {
    assert.match(String(readAs('INT64', `[${data}]`)), reason);
  });

  it('reads an exponent in a float as the number it is', () => {
    assert.deepEqual(readAs('FP64', '[1e18,-2.5E+17,1e300,1e-7]'), Float64Array.of(1e18, -2.5e17, 1e300, 1e-7));
  });

  it('takes the literals NaN, Infinity and -Infinity as elements of a list', () => {
    assert.deepEqual(readAs('FP64', '[NaN, Infinity,\n-Infinity ,1]'), Float64Array.of(Number.NaN, Infinity, -Infinity, 1));
    assert.match(String(readAs('BYTES', '[NaN]')), /element 0 is null/);
    assert.deepEqual(readAs('BYTES', '["[NaN,", "\\",NaN]", "Infinity"]'), ['[NaN,', '",NaN]', 'Infinity']);
  });

  it.each(['{"id":NaN}', '[NaNs]', '[-NaN]', '[1 NaN]', '[NaN,"]', '{"a":[NaN]', '[+Infinity]'])('does not read %s', (text) => {
    assert.throws(() => parseExactJson(text), SyntaxError);
  });

  it('looks through a text full of quotes and literals once', () => {
    // again for every quote, it would not end
    assert.throws(() => parseExactJson(`[NaN,"${'\\"'.repeat(1_000_000)}`), SyntaxError);
  });

  it('gives the name __proto__ no meaning', () => {
    const body = parseExactJson('{"__proto__":{"inputs":[],"polluted":1}}') as Record<string, unknown>;
    assert.deepEqual([body['inputs'], ({} as Record<string, unknown>)['polluted']], [undefined, undefined]);
  });

  it('takes long integers for floats', () => {
    assert.deepEqual(dataFromJson('FP64', [1], 1, [12345678901234567890n]), Float64Array.of(Number('12345678901234567890')));
  });

  it('carries 64-bit integers without loss', () => {
    const { data } = parseExactJson('{"data":[9223372036854775807,-9223372036854775808,5]}') as { data: unknown[] };
    const cells = dataFromJson('INT64', [3], 3, data);
    assert.deepEqual(cells, BigInt64Array.of(9223372036854775807n, -9223372036854775808n, 5n));
    assert.equal(JSON.stringify(dataToJson('INT64', cells as BigInt64Array)), '[9223372036854775807,-9223372036854775808,5]');
  });
});
