import type { ModelSignature } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { featurePlan } from './feature-plan.js';
import { type ReadingRules, readFeatures } from './read-features.js';

const outputs: ModelSignature['outputs'] = [{ name: 'y', datatype: 'FP32', shape: [-1] }];
const strict: ReadingRules = { absentFeatures: 'refuse', unknownFeatures: 'refuse' };

function read(inputs: ModelSignature['inputs'], features: unknown, rules = strict) {
  const result = readFeatures(features, featurePlan({ inputs, outputs }), rules);
  return result.inputs
    ? result.inputs.map(({ cells, rowShape }) => [rowShape.join('x'), ...cells])
    : result.faults.map(({ path, reason }) => `${path} ${reason}`);
}

const speed = { name: 'speed', datatype: 'FP32', shape: [-1, 1] } as const;
const phase = { name: 'phase', datatype: 'BYTES', shape: [-1] } as const;
const wide = { name: 'x', datatype: 'FP32', shape: [-1, 3], columns: ['a', 'b', 'c'] } as const;
const open = { name: 'x', datatype: 'FP32', shape: [-1, -1] } as const;
const image = { name: 'x', datatype: 'FP32', shape: [-1, 2, 2] } as const;
const copy = (spec: object) => structuredClone(spec) as ModelSignature['inputs'][number];

describe('features of a record', () => {
  it('are put into the order of the model', () => {
    expect(read([copy(speed), copy(phase)], { phase: 'Climb', speed: 3 })).toEqual([
      ['1', 3],
      ['', 'Climb'],
    ]);
  });

  it('of null are missing; absent ones are a fault unless the request says otherwise', () => {
    expect(read([copy(speed), copy(phase)], { phase: null, speed: null })).toEqual([
      ['1', Number.NaN],
      ['', ''],
    ]);
    expect(read([copy(speed), copy(phase)], {})).toEqual(['features.speed missing_feature', 'features.phase missing_feature']);
    expect(read([copy(speed), copy(phase)], {}, { ...strict, absentFeatures: 'missing' })).toEqual([
      ['1', Number.NaN],
      ['', ''],
    ]);
  });

  it('of integers and truth values cannot be missing', () => {
    const rules: ReadingRules = { ...strict, absentFeatures: 'missing' };
    for (const value of [{ k: null }, { k: '' }, {}]) {
      expect(read([{ name: 'k', datatype: 'INT64', shape: [-1] }], value, rules)).toEqual(['features.k missing_feature']);
      expect(read([{ name: 'k', datatype: 'BOOL', shape: [-1] }], value, rules)).toEqual(['features.k missing_feature']);
    }
  });

  it('that inherit from nothing cannot be confused with those of objects', () => {
    expect(read([{ name: 'toString', datatype: 'FP32', shape: [-1] }], {})).toEqual(['features.toString missing_feature']);
    expect(read([copy(speed)], JSON.parse('{"speed":1,"__proto__":2}'))).toEqual(['features.__proto__ unknown_feature']);
  });

  it('fill a wide input by column, by list under its name, or by list alone', () => {
    expect(read([copy(wide)], { c: 3, b: 2, a: 1 })).toEqual([['3', 1, 2, 3]]);
    expect(read([copy(wide)], { x: [1, null, '3'] })).toEqual([['3', 1, Number.NaN, 3]]);
    expect(read([copy(wide)], [1, 2, 3])).toEqual([['3', 1, 2, 3]]);
    expect(read([copy(wide)], { a: 1, c: 3 })).toEqual(['features.b missing_feature']);
    expect(read([copy(wide)], { x: [1, 2, 3], a: 1 }, strict)).toEqual([['3', 1, 2, 3]]);
  });

  it('may be lists of any length where the model takes that', () => {
    expect(read([copy(open)], { x: [1, 2] })).toEqual([['2', 1, 2]]);
    expect(read([copy(open)], { x: [] })).toEqual([['0']]);
  });

  it('may be nested or flat, but never uneven', () => {
    expect(
      read(
        [copy(image)],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([['2x2', 1, 2, 3, 4]]);
    expect(read([copy(image)], [1, 2, 3, 4])).toEqual([['2x2', 1, 2, 3, 4]]);
    expect(read([copy(image)], [[1, 2], [3]])).toEqual(['features wrong_type']);
    expect(read([copy(image)], [[1, 2], 3])).toEqual(['features wrong_type']);
    expect(
      read([copy(image)], {
        x: [
          [1, 2],
          ['x', null],
        ],
      }),
    ).toEqual(['features.x[2] wrong_type']);
  });

  it('must be an object or a list', () => {
    for (const features of [null, 'x', 7, true]) expect(read([copy(wide)], features)).toEqual(['features wrong_type']);
    expect(read([copy(speed)], [1])).toEqual(['features wrong_type']);
  });

  it('whose column is named like another input are given as a list', () => {
    const plan = featurePlan({ inputs: [copy(speed), { ...copy(wide), columns: ['speed', 'b', 'c'] }], outputs });
    expect(plan.inputs[1]?.features).toBeUndefined();
  });
});
