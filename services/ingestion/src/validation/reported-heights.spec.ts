import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, expect, it } from 'vitest';
import { checkContent, contractOf } from '../../test/check-content.js';

const file = referencePath('data/dirty/reported_heights_dslabs.csv');
const missing = absent('data/dirty/reported_heights_dslabs.csv');

/** Heights in inches, as people who were asked for inches type them. */
const contract = contractOf([
  { name: 'time_stamp', logicalType: 'timestamp', required: true },
  {
    name: 'sex',
    logicalType: 'string',
    required: true,
    quality: [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['Male', 'Female'] } }],
  },
  {
    name: 'height',
    logicalType: 'number',
    required: true,
    logicalTypeOptions: { minimum: 50, maximum: 84 },
    customProperties: [
      {
        property: 'repairs',
        value: {
          trim: true,
          amount: {
            units: { ft: 12, feet: 12, foot: 12, "'": 12, "''": 1, '"': 1, in: 1, inch: 1, inches: 1, m: 39.3701, cm: 0.393701, '\\': 1 },
          },
        },
      },
    ],
  },
]);

describe.skipIf(missing)(`reported heights${missing}`, () => {
  const check = () => checkContent(contract, file);

  it('are taken as they are, repaired with what was done, or quarantined with the reason: each one, nothing else', async () => {
    const { valid, refused, recordCount } = await check();
    const repaired = valid.filter(({ repairs }) => repairs);
    expect(valid.length + refused.length).toBe(recordCount);
    expect(recordCount).toBe(1095);
    expect(repaired.every(({ repairs }) => repairs!.every(({ kinds, from }) => kinds.length > 0 && from !== ''))).toBe(true);
    expect(
      refused.every(({ reasons }) => reasons.every(({ field, value, expectation }) => field === 'height' && value && expectation)),
    ).toBe(true);
    console.info(
      `reported heights: ${valid.length - repaired.length} as they are, ${repaired.length} repaired, ${refused.length} quarantined`,
    );
    expect(repaired.length).toBeGreaterThan(40);
  });

  it('mean what they say where they were repaired', async () => {
    const { valid } = await check();
    const read = new Map(valid.flatMap(({ values, repairs }) => (repairs ?? []).map(({ from }) => [from, values[2]] as const)));
    expect([read.get(`5'7"`), read.get(`5'10''`), read.get(`5'11`), read.get(`5'7.5''`)]).toEqual([67, 70, 71, 67.5]);
    for (const [from, inches] of read) {
      const [feet, rest = '0'] = from.match(/\d+(?:\.\d+)?/g)!;
      // by hand: centimetres or inches alone, or feet and inches
      const isInches = /^[\d.]+\s*(?:"|''|in)/i.test(from);
      const expected = /cm/i.test(from) ? Number(feet) * 0.393701 : isInches ? Number(feet) : Number(feet) * 12 + Number(rest);
      expect([from, inches]).toEqual([from, expect.closeTo(expected, 6)]);
    }
  });

  it('are not guessed: what may be centimetres, feet or nothing stays in quarantine', async () => {
    const { refused } = await check();
    const texts = refused.map(({ source }) => String((source.record as { height: string }).height));
    for (const text of ['6', '180', '5.8', 'yyy', '>9000', 'Five foot eight inches', '1', '511']) expect(texts).toContain(text);
    const codes = new Set(refused.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
    expect([...codes].sort()).toEqual(['out_of_range', 'wrong_type']);
  });
});
