import { describe, expect, it } from 'vitest';
import { checkContent, contractOf } from '../../test/check-content.js';
import { measureOf } from './batch-measure.js';
import { NearDuplicates, signatureLength } from './near-duplicates.js';

const bascule = (implementation: object, rest: object = {}) => ({ type: 'custom', engine: 'bascule', implementation, ...rest });
const columns = [
  { name: 'day', logicalType: 'date', required: true, customProperties: [{ property: 'role', value: 'time' }] },
  { name: 'code', logicalType: 'string' },
  { name: 'note', logicalType: 'string' },
];
const story = 'A bird struck the left engine shortly after take-off; the crew returned to the field without further trouble.';

async function outcomesOf(quality: object[], rows: string[], properties: object[] = columns) {
  const contract = contractOf(properties, { quality });
  const receivedAt = Date.UTC(2001, 0, 10);
  const { expectations, refused } = await checkContent(contract, ['day,code,note', ...rows].join('\n'), { receivedAt });
  return { measured: expectations.map(({ metric, measured, holds }) => [metric, measured, holds]), refused };
}

it('what determines a column counts also where nearly every value is another', () => {
  const measure = measureOf({ metric: 'undetermined', columns: [0], determined: 1 }, 0);
  for (let i = 0; i < 250_000; i++) measure.add(['one', i]);
  expect(measure.result()).toBe(249_999);
});

describe('a rule of the batch', () => {
  it.each<[string, object, string[], unknown[]]>([
    ['order', bascule({ order: { column: 'day' } }), ['2001-01-02,a,', '2001-01-01,a,', '2001-01-03,a,'], ['outOfOrder', 1, false]],
    [
      'falling order',
      bascule({ order: { column: 'day', direction: 'descending' } }),
      ['2001-01-03,a,', '2001-01-02,a,', '2001-01-02,a,'],
      ['outOfOrder', 0, true],
    ],
    ['freshness', bascule({ freshness: { maxAgeHours: 24 } }), ['2001-01-01,a,', '2001-01-09,a,'], ['ageHours', 24, true]],
    ['freshness that is missed', bascule({ freshness: { maxAgeHours: 24 } }), ['2001-01-08,a,'], ['ageHours', 48, false]],
    [
      'what determines another column',
      bascule({ determines: { columns: ['code'], column: 'note' } }),
      ['2001-01-01,a,x', '2001-01-01,a,x', '2001-01-01,a,y', '2001-01-01,b,y', '2001-01-01,b,'],
      ['undetermined', 1, false],
    ],
    [
      'a share of conditions that may be missed',
      bascule({ condition: { column: 'code', is: 'a' } }, { mustBeLessOrEqualTo: 50, unit: 'percent' }),
      ['2001-01-01,a,', '2001-01-01,b,'],
      ['missedConditions', 50, true],
    ],
  ])('measures %s', async (_what, rule, rows, outcome) => expect((await outcomesOf([rule], rows)).measured).toEqual([outcome]));

  it('measures texts that mean nothing, patterns and duplicates of a column', async () => {
    const quality = [
      { metric: 'missingValues', arguments: { missingValues: ['n/a'] }, mustBeLessThan: 50, unit: 'percent' },
      { metric: 'invalidValues', arguments: { pattern: '^[a-z]$' }, mustBeLessOrEqualTo: 1 },
      { metric: 'duplicateValues', mustBeLessThan: 2, severity: 'warning' },
    ];
    const properties = columns.map((column) => (column.name === 'code' ? { ...column, quality } : column));
    const rows = ['a', 'n/a', '', 'b', 'B', 'a', 'a'].map((code) => `2001-01-01,${code},`);
    expect((await outcomesOf([], rows, properties)).measured).toEqual([
      ['missingValues', (100 * 2) / 7, true],
      ['invalidValues', 2, false],
      ['duplicateValues', 2, false],
    ]);
  });
});

describe('near duplicates', () => {
  const changed = story.replace('left', 'right').toUpperCase();
  const other = 'The claimant slipped on the stairs of the terminal and broke an arm; the stairs were wet and no sign stood there.';

  it('are found whatever their case and spacing, and only where they are near', () => {
    const seen = new NearDuplicates(0.8);
    expect([story, other, changed, `  ${story.replaceAll(' ', '  ')}`, 'short'].map((text) => seen.add(text))).toEqual([
      undefined,
      undefined,
      0,
      2,
      undefined,
    ]);
  });

  it('are found among the last texts that are remembered, and not among those before', () => {
    const seen = new NearDuplicates(0.8, 10_000);
    // far from one another, and quicker to make than a text
    const signature = (seed: number) => Uint32Array.from({ length: signatureLength }, (_, i) => Math.imul(seed * 64 + i + 1, 2654435761));
    for (let i = 0; i < 13_000; i++) seen.remember(signature(i), BigInt(i));
    expect([seen.find(signature(12_999)), seen.find(signature(3000)), seen.find(signature(2999))]).toEqual([12_999, 3000, undefined]);
    expect([seen.find(signature(10_000), 10_000n), seen.find(signature(10_000), 7n)]).toEqual([undefined, 10_000]);
    const near = signature(5000).map((value, i) => (i % 10 === 0 ? 1 : value));
    expect(seen.find(near)).toBe(5000);
  });

  it('are quarantined with the reason, or counted as a warning', async () => {
    const rule = { nearDuplicates: { columns: ['note'], similarity: 0.8 } };
    const rows = [story, other, changed].map((note) => `2001-01-01,a,"${note}"`);
    const { refused } = await outcomesOf([bascule(rule)], rows);
    expect(refused.map(({ row, reasons }) => [row, reasons.map(({ code, field }) => [code, field])])).toEqual([
      [3, [['near_duplicate', 'note']]],
    ]);
    const warned = await outcomesOf([bascule(rule, { severity: 'warning' })], rows);
    expect([warned.refused, warned.measured]).toEqual([[], [['nearDuplicates', 1, false]]]);
  });
});
