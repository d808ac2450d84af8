import { describe, expect, it } from 'vitest';
import type { Reason } from '../validation/reason.js';
import { compileContract, incompatibilities } from './compile-contract.js';
import { odcsContract } from './odcs.schema.js';

type Json = Record<string, unknown>;

function compile(properties: Json[], rest: Json = {}, quality: Json[] = []) {
  const base = { apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' };
  return compileContract(odcsContract.parse({ ...base, schema: [{ name: 'x', properties, quality }], ...rest }));
}

function check(property: Json, cell: unknown) {
  const reasons: Reason[] = [];
  const [value] = compile([{ name: 'a', ...property }]).validate([cell], reasons);
  return reasons.length > 0 ? reasons.map(({ code }) => code).join() : value;
}

const mustBe = (metric: string, args: Json) => ({ quality: [{ type: 'library', metric, arguments: args, mustBe: 0 }] });
const custom = (property: string, value: unknown) => ({ customProperties: [{ property, value }] });

const nearRule = (more: object) => ({ type: 'custom', engine: 'bascule', implementation: { nearDuplicates: { columns: ['a'], ...more } } });

describe('a compiled contract', () => {
  it.each([
    ['integer', 'an integer'],
    ['number', 'a number'],
    ['date', 'a date or time'],
  ])('says in words what a column of the type %s wants', (logicalType, expectation) => {
    const reasons: Reason[] = [];
    compile([{ name: 'a', logicalType }]).validate(['x'], reasons);
    expect(reasons).toMatchObject([{ code: 'wrong_type', expectation }]);
  });

  it.each<[string, Json, unknown, unknown]>([
    ['takes a number as text', { logicalType: 'number' }, '1.5', 1.5],
    ['refuses text as a number', { logicalType: 'number' }, 'fast', 'wrong_type'],
    ['refuses a fraction as an integer', { logicalType: 'integer' }, '1.5', 'wrong_type'],
    ['refuses an integer that a double cannot hold', { logicalType: 'integer' }, '9007199254740993', 'wrong_type'],
    ['refuses infinity', { logicalType: 'number' }, '1e999', 'wrong_type'],
    ['stores a date as milliseconds', { logicalType: 'date' }, '1970-01-02', 86_400_000],
    ['refuses a number where text belongs', { logicalType: 'string' }, 5, 'wrong_type'],
    ['takes an empty cell as missing', { logicalType: 'string' }, '', null],
    ['takes NaN as missing', { logicalType: 'number' }, Number.NaN, null],
    ['wants what is required', { logicalType: 'string', required: true }, '', 'missing_required'],
    ['wants every part of the primary key', { logicalType: 'string', primaryKey: true }, null, 'missing_required'],
    ['wants what may not be null', { logicalType: 'string', ...mustBe('nullValues', {}) }, undefined, 'missing_required'],
    ['knows texts that mean missing', { logicalType: 'number', ...custom('missingValues', ['n/a', '-']) }, 'n/a', null],
    ['takes the lower limit', { logicalType: 'number', logicalTypeOptions: { minimum: 0, maximum: 600 } }, '0', 0],
    ['refuses what is over the limit', { logicalType: 'number', logicalTypeOptions: { minimum: 0, maximum: 600 } }, '601', 'out_of_range'],
    ['refuses an exclusive limit', { logicalType: 'number', logicalTypeOptions: { exclusiveMinimum: 0 } }, '0', 'out_of_range'],
    ['limits dates', { logicalType: 'date', logicalTypeOptions: { minimum: '1990-01-01' } }, '1989-12-31', 'out_of_range'],
    ['checks patterns', { logicalType: 'string', logicalTypeOptions: { pattern: '^[A-Z]{2}$' } }, 'Tx', 'pattern'],
    ['checks lengths', { logicalType: 'string', logicalTypeOptions: { maxLength: 2 } }, 'TEX', 'wrong_length'],
    [
      'checks allowed values',
      { logicalType: 'string', ...mustBe('invalidValues', { validValues: ['Day', 'Night'] }) },
      'Noon',
      'not_allowed_value',
    ],
    ['checks allowed numbers', { logicalType: 'integer', ...mustBe('invalidValues', { validValues: [1, 2] }) }, '2', 2],
    ['maps text to the stored value', { logicalType: 'integer', ...custom('mapValues', { None: 0, Minor: 1 }) }, 'Minor', 1],
    ['refuses text that the map does not list', { logicalType: 'integer', ...custom('mapValues', { None: 0 }) }, 'C', 'not_allowed_value'],
    ['takes a value that is mapped already', { logicalType: 'integer', ...custom('mapValues', { None: 0, Minor: 1 }) }, 1, 1],
    [
      'refuses a number that no text maps to',
      { logicalType: 'integer', ...custom('mapValues', { None: 0, Minor: 1 }) },
      2,
      'not_allowed_value',
    ],
  ])('%s', (_rule, property, cell, outcome) => expect(check(property, cell)).toEqual(outcome));

  it('names field, value and expectation in its reasons', () => {
    const reasons: Reason[] = [];
    compile([{ name: 'speed', logicalType: 'number', logicalTypeOptions: { maximum: 600 } }]).validate(['740'], reasons);
    const message = 'speed is "740", which is not at most 600';
    expect(reasons).toEqual([{ code: 'out_of_range', field: 'speed', message, value: '"740"', expectation: 'at most 600' }]);
  });

  it('gives every fault of a record', () => {
    const reasons: Reason[] = [];
    const columns = ['a', 'b', 'c'].map((name) => ({ name, logicalType: 'integer', required: true }));
    expect(compile(columns).validate(['x', '', '3'], reasons)).toEqual([null, null, 3]);
    expect(reasons.map(({ field, code }) => `${field} ${code}`)).toEqual(['a wrong_type', 'b missing_required']);
  });

  it('reads uniqueness from primary key, unique, uniqueTogether and duplicateValues', () => {
    const columns = [
      { name: 'a', logicalType: 'string', primaryKey: true, unique: true },
      { name: 'b', logicalType: 'string', unique: true },
      { name: 'c', logicalType: 'string' },
    ];
    const quality = [{ metric: 'duplicateValues', arguments: { properties: ['a', 'c'] }, mustBe: 0 }];
    expect(compile(columns, custom('uniqueTogether', ['b', 'c']), quality).uniqueness).toMatchObject([
      { code: 'duplicate_key', columns: [0] },
      { code: 'duplicate_key', columns: [1] },
      { code: 'duplicate_row', columns: [1, 2] },
      { code: 'duplicate_row', columns: [0, 2] },
    ]);
  });

  it('keeps assertions with a tolerance for the batch as a whole', () => {
    const quality = [{ metric: 'nullValues', mustBeLessThan: 40, unit: 'percent' }];
    const { expectations, columns } = compile([{ name: 'a', logicalType: 'string', quality }], {}, [
      { metric: 'rowCount', mustBeGreaterThan: 10 },
    ]);
    expect(expectations.map(({ text }) => text)).toEqual([
      'rowCount of x mustBeGreaterThan 10 rows',
      'nullValues of a mustBeLessThan 40 percent',
    ]);
    expect(columns).toEqual([{ name: 'a', type: 'string', role: 'other', nullable: true }]);
  });

  it('reports a rule of severity warning and refuses no record for it', () => {
    const warning = { metric: 'nullValues', mustBe: 0, severity: 'warning' };
    const compiled = compile([{ name: 'a', logicalType: 'string', quality: [warning] }]);
    const reasons: Reason[] = [];
    expect([compiled.validate([''], reasons), reasons]).toEqual([[null], []]);
    expect(compiled.expectations).toMatchObject([{ severity: 'warning', text: 'nullValues of a mustBe 0 rows' }]);
  });

  it('hands ranges and short lists of values on with the columns of the dataset', () => {
    const listed = (validValues: string[]) => mustBe('invalidValues', { validValues });
    const { columns } = compile([
      { name: 'speed', logicalType: 'number', logicalTypeOptions: { minimum: 0, exclusiveMaximum: 600 } },
      { name: 'size', logicalType: 'string', ...listed(['Small', 'Large']) },
      { name: 'code', logicalType: 'string', ...custom('mapValues', { s: 'Small', l: 'Large', x: 'Large' }) },
      { name: 'place', logicalType: 'string', ...listed(Array.from({ length: 101 }, (_, i) => `p${i}`)) },
      { name: 'day', logicalType: 'date', logicalTypeOptions: { minimum: '2001-01-01' } },
      { name: 'damage', logicalType: 'integer', logicalTypeOptions: { minimum: 0 }, ...custom('role', 'label') },
    ]);
    expect(columns.map(({ limits }) => limits)).toEqual([
      { minimum: 0, exclusiveMaximum: 600 },
      { allowed: ['Small', 'Large'] },
      { allowed: ['Small', 'Large'] },
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('keeps rules of other engines, says so, and executes none of them', () => {
    const soda = { type: 'custom', engine: 'soda', implementation: 'type: duplicate_percent' };
    const { quality } = compile([{ name: 'a', logicalType: 'string', quality: [soda, { type: 'sql', query: 'select 1', mustBe: 0 }] }]);
    expect(quality.notExecuted).toEqual([
      'a: a rule of type custom for soda is not executed here',
      'a: a rule of type sql is not executed here',
    ]);
  });

  it('holds the fields of a record against one another', () => {
    const dates = ['opened', 'closed'].map((name) => ({ name, logicalType: 'date' }));
    const implementation = 'condition: {column: closed, atLeast: {column: opened}}';
    const rule = { type: 'custom', engine: 'bascule', name: 'closed after opened', implementation };
    const { validate } = compile(dates, {}, [rule]);
    const codes = (cells: unknown[]) => {
      const reasons: Reason[] = [];
      validate(cells, reasons);
      return reasons.map(({ code, field, expectation }) => [code, field, expectation]);
    };
    expect(codes(['2001-02-03', '2001-02-03'])).toEqual([]);
    expect(codes(['2001-02-03', ''])).toEqual([]);
    expect(codes(['2001-02-03', '2001-02-02'])).toEqual([['condition_failed', 'closed,opened', 'closed after opened']]);
  });

  it('leaves a text that is a value of the column a value, though elsewhere it means that there is none', () => {
    const sizes = { logicalType: 'string', ...mustBe('invalidValues', { validValues: ['None', 'Small'] }) };
    const properties = [
      { name: 'size', ...sizes },
      { name: 'damage', logicalType: 'integer', ...custom('mapValues', { None: 0, Minor: 1 }) },
      { name: 'speed', logicalType: 'number' },
    ];
    expect(compile(properties, custom('missingValues', ['None'])).validate(['None', 'None', 'None'], [])).toEqual(['None', 0, null]);
  });

  it.each<[string, Json[], Json, RegExp]>([
    [
      'a condition that compares what cannot be compared',
      [
        {
          name: 'a',
          logicalType: 'string',
          quality: [{ type: 'custom', engine: 'bascule', implementation: { condition: { column: 'a', atLeast: 5 } } }],
        },
      ],
      {},
      /compares a, a string, with 5/,
    ],
    [
      'a date format without a day',
      [{ name: 'a', logicalType: 'date', ...custom('repairs', { dateFormats: ['MM/YYYY'] }) }],
      {},
      /needs YYYY, a month/,
    ],
    ['a repair nobody knows', [{ name: 'a', logicalType: 'string', ...custom('repairs', { polish: true }) }], {}, /polish/],
    [
      'two columns of one name',
      [
        { name: 'a', logicalType: 'string' },
        { name: 'a', logicalType: 'string' },
      ],
      {},
      /two columns have the name a/,
    ],
    [
      'a pattern that is none',
      [{ name: 'a', logicalType: 'string', logicalTypeOptions: { pattern: '(' } }],
      {},
      /Invalid regular expression/,
    ],
    ['a rule on an unknown column', [{ name: 'a', logicalType: 'string' }], custom('uniqueTogether', ['z']), /does not have/],
    ['a time column without time', [{ name: 'a', logicalType: 'string', ...custom('role', 'time') }], {}, /must be a required date/],
    [
      'a limit that is no date',
      [{ name: 'a', logicalType: 'date', logicalTypeOptions: { minimum: 'soon' } }],
      {},
      /"soon" is no timestamp/,
    ],
    [
      'a last of near duplicates beside a first of equal ones',
      [{ name: 'a', logicalType: 'string', quality: [nearRule({ policy: 'keepLast' })] }],
      {},
      /needs the policy keepLast for duplicates, too/,
    ],
    [
      'near duplicates that are both counted and dropped',
      [{ name: 'a', logicalType: 'string', quality: [{ ...nearRule({ policy: 'keepFirst' }), mustBeLessThan: 5 }] }],
      {},
      /either counted .* or treated by the policy keepFirst/,
    ],
    ['a metric nobody knows', [{ name: 'a', logicalType: 'string', quality: [{ metric: 'beauty', mustBe: 1 }] }], {}, /needs one of/],
    [
      'a pattern that looks ahead',
      [{ name: 'code', logicalType: 'string', logicalTypeOptions: { pattern: '^(?=.*\\d)[a-z\\d]+$' } }],
      {},
      /schema\.properties\.code: a lookahead \(\(\?=\.\*\\d\)\) cannot be searched for in time that is linear in the text/,
    ],
  ])('refuses %s', (_what, properties, rest, message) => expect(() => compile(properties, rest)).toThrow(message));

  it('lets no text of a contract become code', () => {
    const evil = `x"];globalThis.hacked=1;//`;
    const quality = [{ metric: 'invalidValues', arguments: { validValues: [evil] }, mustBe: 0 }];
    const { validate } = compile([{ name: 'a', physicalName: evil, logicalType: 'string', quality, ...custom('missingValues', [evil]) }]);
    validate([evil], []);
    expect('hacked' in globalThis).toBe(false);
  });
});

describe('incompatibilities', () => {
  it('names columns whose type would change, and no others', () => {
    const column = (name: string, type: 'string' | 'number') => ({ name, type, role: 'other' as const, nullable: true });
    expect(incompatibilities([column('a', 'string'), column('b', 'number')], [column('a', 'number'), column('c', 'string')])).toEqual([
      'a was string and would become number',
    ]);
  });
});
