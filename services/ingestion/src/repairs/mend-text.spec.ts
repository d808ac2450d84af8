import { describe, expect, it } from 'vitest';
import { mendOf, type Repair } from './mend-text.js';
import { AmbiguousText } from './read-date.js';
import { repairSettings } from './repairs.schema.js';

type Column = Parameters<typeof mendOf>[0];

function mended(type: Column['type'], settings: object, text: string, missing: string[] = []) {
  const repairs: Repair[] = [];
  const mend = mendOf({ type, missing: new Set(missing), repairs: repairSettings.parse(settings) }, 3);
  const value = mend!(text, repairs);
  return value instanceof AmbiguousText ? value.readings : [value, ...repairs.flatMap(({ kinds }) => kinds)];
}

const feet = { units: { "'": 12, ft: 12, feet: 12, "''": 1, '"': 1, in: 1, inches: 1, cm: 1 / 2.54 } };
const german = { decimal: ',', groups: ['.', ' '], currency: ['€', 'EUR'], percent: 'fraction' };

describe('a repair', () => {
  it.each<[string, Column['type'], object, string, unknown[]]>([
    ['trims', 'string', { trim: true }, '  a b ', ['a b', 'trim']],
    ['makes runs of spaces one', 'string', { spaces: true }, 'a \t b', ['a b', 'spaces']],
    ['composes', 'string', { nfc: true }, 'e\u0301', ['é', 'nfc']],
    ['replaces what is meant by another text', 'string', { trim: true, replace: { Calif: 'CA' } }, ' Calif ', ['CA', 'trim', 'replace']],
    ['leaves other texts alone', 'string', { trim: true, replace: { Calif: 'CA' } }, 'Utah', ['Utah']],
    ['reads separators and decimal commas', 'number', { amount: german }, '1.234.567,89', [1_234_567.89, 'separator', 'decimal']],
    ['reads currency before and behind', 'number', { amount: german }, '-12,50 EUR', [-12.5, 'currency', 'decimal']],
    ['reads percent as declared', 'number', { amount: german }, '12 %', [0.12, 'percent']],
    ['wants groups of three', 'number', { amount: german }, '12.34.5', ['12.34.5']],
    ['reads a point as the declared separator', 'number', { amount: german }, '1.234', [1234, 'separator']],
    ['leaves plain numbers alone', 'number', { amount: german }, '1234', ['1234']],
    [
      'says that a decimal point is ambiguous where a comma is declared',
      'number',
      { amount: german },
      '12.5',
      ['12.5 with a decimal point', 'no number with a decimal comma'],
    ],
    ['adds units that fall', 'number', { amount: feet }, '5 ft 7 in', [67, 'unit']],
    ['reads a number without unit behind one with', 'number', { amount: feet }, `5'7`, [67, 'unit']],
    ['reads quotes of every shape', 'number', { amount: feet }, '5\u2019 7.5\u201d', [67.5, 'unit']],
    ['converts one unit', 'number', { amount: feet }, '180 cm', [180 * (1 / 2.54), 'unit']],
    ['refuses more of a unit than the next one holds', 'number', { amount: feet }, `2'33`, [`2'33`]],
    ['refuses two numbers without unit', 'number', { amount: feet }, '5 11', ['5 11']],
    ['leaves a million points alone', 'number', { amount: german }, `${'.'.repeat(1_000_000)}1`, [`${'.'.repeat(1_000_000)}1`]],
    ['reads a declared date format', 'timestamp', { dateFormats: ['D.M.YYYY'] }, '3.2.2001', ['2001-02-03', 'date_format']],
    [
      'reads names of months',
      'timestamp',
      { dateFormats: ['D MMM YYYY HH:mm'] },
      '3 Feb 2001 04:05',
      ['2001-02-03T04:05:00', 'date_format'],
    ],
    [
      'takes the one format that fits',
      'timestamp',
      { dateFormats: ['DD/MM/YYYY', 'MM/DD/YYYY'] },
      '13/02/2001',
      ['2001-02-13', 'date_format'],
    ],
    ['says what is ambiguous', 'timestamp', { dateFormats: ['DD/MM/YYYY', 'MM/DD/YYYY'] }, '03/02/2001', ['2001-02-03', '2001-03-02']],
    ['leaves what is right as it is', 'timestamp', { dateFormats: ['DD/MM/YYYY'] }, '2001-02-03', ['2001-02-03']],
  ])('%s', (_what, type, settings, text, outcome) => expect(mended(type, settings, text)).toEqual(outcome));

  it('is done where a text means that there is no value, and there only', () => {
    expect(mended('string', { trim: true }, ' NA ', ['NA'])).toEqual(['', 'trim', 'null_token']);
    expect(mended('string', { trim: true }, 'None', ['NA'])).toEqual(['None']);
  });

  it('keeps column, original and value, so that it can be taken back', () => {
    const repairs: Repair[] = [];
    mendOf({ type: 'number', missing: new Set(['?']), repairs: repairSettings.parse({ amount: feet }) }, 7)!(`5'7"`, repairs);
    mendOf({ type: 'number', missing: new Set(['?']) }, 8)!('?', repairs);
    expect(repairs).toEqual([
      { column: 7, kinds: ['unit'], from: `5'7"`, to: 67 },
      { column: 8, kinds: ['null_token'], from: '?', to: null },
    ]);
  });
});
