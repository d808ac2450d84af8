import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { textPattern } from '../patterns/text-pattern.js';
import { type Repair } from '../repairs/mend-text.js';
import { amountFormat } from '../repairs/repairs.schema.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import { type Condition, comparisons, type NamedCondition, type Operand } from './condition.js';
import { interpretedRecordValidator } from './interpret-record.js';
import type { Reason } from './reason.js';
import { compileRecordValidator } from './validate-record.js';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const random = seeded(7);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const maybe = <T>(make: () => T): T | undefined => (random() < 0.3 ? make() : undefined);

const texts = [
  '',
  'a',
  'NA',
  '?',
  '-5',
  '0',
  '1',
  '1.5',
  '1e400',
  '0x1F',
  'true',
  'FALSE',
  ' a ',
  '1.234,50 €',
  '1 m 80 cm',
  '03/02/2001',
  '13/02/2001',
  '2001-02-03',
  '2001-02-30T00:00:00Z',
  '💥',
  "'; process.exit() //",
  '`',
];
const cells = [
  ...texts,
  undefined,
  null,
  0,
  -0,
  1,
  -5,
  1.5,
  2 ** 60,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  false,
  {},
  [],
  new Date(0),
  new Date(Number.NaN),
];
// one for the engine of the language, others for RE2
const patterns = ['^[a-z]*$', '^(?:[a-z]+)+$', '[^ ]+a|\\d'];
const names = ['a', 'constructor', '__proto__', "x'];throw 1;//", 'line\nbreak', '\u2028'];

function rule(): ColumnRule {
  const type = pick(['string', 'number', 'integer', 'boolean', 'timestamp'] as const);
  const bound = () => pick([-5, 0, 1, 1.5, 981_158_400_000]);
  const size =
    type === 'string'
      ? {}
      : { minimum: maybe(bound), maximum: maybe(bound), exclusiveMinimum: maybe(bound), exclusiveMaximum: maybe(bound) };
  const lengths = type === 'string' ? { minLength: maybe(() => pick([0, 1, 2])), maxLength: maybe(() => pick([0, 1, 5])) } : {};
  const none = {
    minimum: undefined,
    maximum: undefined,
    exclusiveMinimum: undefined,
    exclusiveMaximum: undefined,
    minLength: undefined,
    maxLength: undefined,
  };
  const map = maybe(
    () =>
      new Map<string, CellValue>([
        ['a', 1],
        ['1', 0],
        ['NA', 'none'],
        ['true', true],
      ]),
  );
  return {
    ...{ ...none, ...size, ...(map ? {} : lengths) },
    ...{ name: pick(names), header: pick(names), type, role: 'other', required: random() < 0.5, map },
    missing: new Set(maybe(() => ['NA', '?'])),
    allowed: maybe(() => new Set<CellValue>(['a', 1, true, 0])),
    pattern: type === 'string' && !map ? maybe(() => textPattern(pick(patterns))) : undefined,
    repairs: maybe(() => ({
      ...{ trim: random() < 0.5, nfc: random() < 0.5, spaces: random() < 0.5 },
      ...(random() < 0.5 ? { replace: { a: 'b', '1': 5, true: 'false' } } : {}),
      ...(random() < 0.5 ? { amount: amountFormat.parse({ decimal: ',', groups: ['.'], units: { m: 100, cm: 1 }, currency: ['€'] }) } : {}),
      ...(random() < 0.5 ? { dateFormats: ['DD/MM/YYYY', 'MM/DD/YYYY'] } : {}),
    })),
  };
}

function condition(rules: readonly ColumnRule[], depth = 0): Condition {
  const column = () => pick(rules).name;
  const inner = () => condition(rules, depth + 1);
  const kind = depth > 2 ? 4 : Math.floor(random() * 7);
  if (kind === 0) return { all: [inner(), inner()] };
  if (kind === 1) return { any: [inner(), inner(), inner()] };
  if (kind === 2) return { not: inner() };
  if (kind === 3) return { if: inner(), must: inner(), ...(random() < 0.5 ? { otherwise: inner() } : {}) };
  const name = column();
  const at = rules.find((rule) => rule.name === name)!;
  if (kind === 4) return { column: column(), isMissing: random() < 0.5 };
  if (kind === 5 && at.type === 'string')
    return pick<Condition>([
      { column: at.name, matches: pick(patterns) },
      { column: at.name, in: ['a', 'NA'] },
    ]);
  const other: Operand = pick<Operand>([{ column: column() }, { sum: [{ column: column() }, 1] }, { concat: [{ column: column() }, '_'] }]);
  return { column: at.name, [pick(comparisons)]: other };
}

describe('the interpreter of rules', () => {
  it('agrees with the generated code on any rules and any cells', () => {
    let compared = 0;
    for (let round = 0; round < 2000; round++) {
      const rules = Array.from({ length: 1 + Math.floor(random() * 4) }, rule);
      const conditions: NamedCondition[] = Array.from({ length: Math.floor(random() * 3) }, (_, i) => ({
        name: `condition ${i}`,
        condition: condition(rules),
      }));
      const [compiled, interpreted] = [compileRecordValidator(rules, conditions), interpretedRecordValidator(rules, conditions)];
      for (let record = 0; record < 10; record++) {
        const sent = rules.map(() => pick(cells));
        const reasons: [Reason[], Reason[]] = [[], []];
        const repairs: [Repair[], Repair[]] = [[], []];
        const values = [compiled(sent, reasons[0], repairs[0]), interpreted(sent, reasons[1], repairs[1])];
        const both = [0, 1].map((side) => [values[side], reasons[side], repairs[side]]);
        // the sentence costs more than the comparison
        if (!isDeepStrictEqual(both[0], both[1])) expect(both[1], JSON.stringify({ rules, conditions, sent })).toEqual(both[0]);
        compared++;
      }
    }
    expect(compared).toBe(20_000);
  });
});
