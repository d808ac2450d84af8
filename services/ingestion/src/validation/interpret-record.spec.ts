import { describe, expect, it } from 'vitest';
import type { CellValue, ColumnRule } from './column-rule.js';
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
    pattern: type === 'string' && !map ? maybe(() => /^[a-z]*$/) : undefined,
  };
}

describe('the interpreter of rules', () => {
  it('agrees with the generated code on any rules and any cells', () => {
    for (let round = 0; round < 2000; round++) {
      const rules = Array.from({ length: 1 + Math.floor(random() * 4) }, rule);
      const [compiled, interpreted] = [compileRecordValidator(rules), interpretedRecordValidator(rules)];
      for (let record = 0; record < 10; record++) {
        const sent = rules.map(() => pick(cells));
        const reasons: [Reason[], Reason[]] = [[], []];
        const values = [compiled(sent, reasons[0]), interpreted(sent, reasons[1])];
        expect([values[1], reasons[1]], JSON.stringify({ rules, sent })).toEqual([values[0], reasons[0]]);
      }
    }
  });
});
