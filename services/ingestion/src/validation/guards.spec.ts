import { describe, expect, it } from 'vitest';
import { compileContract } from '../contracts/compile-contract.js';
import { odcsContract } from '../contracts/odcs.schema.js';
import { Guards } from './guards.js';
import type { Reason } from './reason.js';
import { textFlags } from './text-flags.js';

function contractWith(guards: object) {
  return compileContract(
    odcsContract.parse({
      ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
      schema: [
        {
          name: 'x',
          properties: [
            { name: 'note', logicalType: 'string' },
            { name: 'size', logicalType: 'number' },
          ],
        },
      ],
      customProperties: [{ property: 'guards', value: guards }],
    }),
  );
}

describe('a text is flagged', () => {
  it.each([
    ['=SUM(A1:A9)', 'formula'],
    ['=HYPERLINK("http://x","y")', 'formula'],
    ["+cmd|' /C calc'!A0", 'formula'],
    ['@SUM(1)', 'formula'],
    ['\t=1+1', 'formula'],
    ['a\u0007b', 'control_character'],
    ['pass\u200bword', 'invisible_character'],
    ['\u202egnp.exe', 'invisible_character'],
    ['a\u200db', 'invisible_character'],
    ['p\u0430ypal', 'mixed_script'],
    ['x'.repeat(101), 'oversize_field'],
  ])('%j as %s', (text, flag) => expect(textFlags(text, 100)).toEqual([flag]));

  it.each([
    '-5',
    '+49 30 1234',
    '= ',
    '@home',
    '- a point',
    'Größe',
    'Москва',
    'Ελλάδα',
    '👩\u200d💻',
    'क्\u200dष',
    'line\nbreak',
    'tab\tbed',
  ])('%j not at all', (text) => expect(textFlags(text, 100)).toBeUndefined());
});

it('a word without end is looked at once', () => {
  const word = 'a'.repeat(200_000);
  expect(textFlags(`${word}é`, 1_000_000)).toBeUndefined();
  expect(textFlags(`${word}\u0430`, 1_000_000)).toEqual(['mixed_script']);
  expect(textFlags(`${word} \u0430`, 1_000_000)).toBeUndefined();
});

describe('a guard', () => {
  it('counts and shows by default, quarantines or rejects where the contract says so', () => {
    for (const [policy, reasonCount, rejections] of [
      ['off', 0, 0],
      ['flag', 0, 0],
      ['quarantine', 1, 0],
      ['reject', 0, 1],
    ] as const) {
      const { rules, settings } = contractWith({ formula: policy });
      const guards = new Guards(rules, settings.guards, []);
      const reasons: Reason[] = [];
      guards.inspect(1, ['=A1', 5], undefined, reasons);
      expect([policy, reasons.length, guards.rejections.length]).toEqual([policy, reasonCount, rejections]);
      expect(guards.found.counts.formula).toBe(policy === 'off' ? undefined : 1);
    }
  });

  it('flags numbers far outside the range of the history, and names of the language', () => {
    const { rules, settings } = contractWith({});
    const guards = new Guards(rules, settings.guards, [undefined, { lowest: 0, highest: 10 }]);
    for (const [row, size] of [11, 100, 111, -101].entries()) guards.inspect(row + 1, ['a', size], undefined, []);
    guards.inspect(5, ['a', 1], '__proto__', []);
    expect(guards.found.counts).toEqual({ far_outlier: 2, prototype_key: 1 });
    expect(guards.found.examples.map(({ row, code, value }) => [row, code, value])).toEqual([
      [3, 'far_outlier', '111'],
      [4, 'far_outlier', '-101'],
      [5, 'prototype_key', '"__proto__"'],
    ]);
  });
});
