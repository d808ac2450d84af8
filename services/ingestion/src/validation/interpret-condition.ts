import { textPattern } from '../patterns/text-pattern.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import { type ColumnTest, type Comparison, type Condition, comparisons, type Operand } from './condition.js';
import { readTimestamp } from './read-value.js';

/** True, false, or undefined where a value it needs is missing. */
export type Truth = boolean | undefined;
export type TestRecord = (values: readonly CellValue[]) => Truth;
type Evaluate = (values: readonly CellValue[]) => CellValue;

/** The logic of conditions, for the interpreter and the generated code alike. */
export const logic = {
  all: (...parts: Truth[]): Truth => (parts.includes(false) ? false : parts.includes(undefined) ? undefined : true),
  any: (...parts: Truth[]): Truth => (parts.includes(true) ? true : parts.includes(undefined) ? undefined : false),
  not: (part: Truth): Truth => (part === undefined ? undefined : !part),
  when: (test: Truth, must: Truth, otherwise: Truth): Truth => (test === undefined ? undefined : test ? must : otherwise),
  concat: (...parts: CellValue[]): CellValue => (parts.includes(null) ? null : parts.join('')),
  sum: (...parts: CellValue[]): CellValue => (parts.includes(null) ? null : (parts as number[]).reduce((sum, part) => sum + part, 0)),
  product: (...parts: CellValue[]): CellValue =>
    parts.includes(null) ? null : (parts as number[]).reduce((product, part) => product * part, 1),
};

const tests: Record<Comparison, (left: CellValue, right: CellValue) => boolean> = {
  is: (left, right) => left === right,
  isNot: (left, right) => left !== right,
  lessThan: (left, right) => left! < right!,
  atMost: (left, right) => left! <= right!,
  moreThan: (left, right) => left! > right!,
  atLeast: (left, right) => left! >= right!,
};

/** Position of a column. @throws Error when the contract does not have it */
export function positionOf(rules: readonly ColumnRule[], name: string): number {
  const at = rules.findIndex((rule) => rule.name === name);
  if (at < 0) throw new Error(`a condition names the column ${name}, which the contract does not have`);
  return at;
}

/** A literal as it is compared with a column: times are milliseconds. @throws Error when it can never be compared with it */
export function literalFor({ name, type }: ColumnRule, literal: string | number | boolean): CellValue {
  const value = type === 'timestamp' && typeof literal === 'string' ? readTimestamp(literal) : literal;
  const wanted = type === 'string' || type === 'boolean' ? type : 'number';
  if (Number.isNaN(value) || typeof value !== wanted)
    throw new Error(`a condition compares ${name}, a ${type}, with ${JSON.stringify(literal)}`);
  return value;
}

/** Makes a test of a condition by walking it once. @throws Error naming what is wrong with the condition */
export function interpretedCondition(rules: readonly ColumnRule[], node: Condition): TestRecord {
  if ('all' in node) return many(rules, node.all, logic.all);
  if ('any' in node) return many(rules, node.any, logic.any);
  if ('not' in node) {
    const test = interpretedCondition(rules, node.not);
    return (values) => logic.not(test(values));
  }
  if ('if' in node) {
    const [test, must] = [interpretedCondition(rules, node.if), interpretedCondition(rules, node.must)];
    const otherwise = node.otherwise ? interpretedCondition(rules, node.otherwise) : () => true;
    return (values) => logic.when(test(values), must(values), otherwise(values));
  }
  return columnTestOf(rules, node);
}

function many(rules: readonly ColumnRule[], nodes: readonly Condition[], join: (...parts: Truth[]) => Truth): TestRecord {
  const parts = nodes.map((node) => interpretedCondition(rules, node));
  return (values) => join(...parts.map((part) => part(values)));
}

function columnTestOf(rules: readonly ColumnRule[], node: ColumnTest): TestRecord {
  const at = positionOf(rules, node.column);
  const rule = rules[at]!;
  if (node.isMissing !== undefined) return (values) => (values[at] === null) === node.isMissing;
  if (node.matches !== undefined) {
    if (rule.type !== 'string') throw new Error(`a condition matches ${rule.name}, a ${rule.type}, with a pattern`);
    const pattern = textPattern(node.matches);
    return (values) => (values[at] === null ? undefined : pattern.test(values[at] as string));
  }
  const list = node.in ?? node.notIn;
  if (list) {
    const allowed = new Set(list.map((value) => literalFor(rule, value)));
    return (values) => (values[at] === null ? undefined : allowed.has(values[at]!) === (node.in !== undefined));
  }
  const name = comparisons.find((each) => node[each] !== undefined)!;
  const right = evaluatorOf(rules, rule, node[name]!);
  return (values) => {
    const [one, other] = [values[at]!, right(values)];
    return one === null || other === null ? undefined : tests[name](one, other);
  };
}

function evaluatorOf(rules: readonly ColumnRule[], left: ColumnRule, operand: Operand): Evaluate {
  if (typeof operand !== 'object') {
    const literal = literalFor(left, operand);
    return () => literal;
  }
  if ('column' in operand) {
    const at = positionOf(rules, operand.column);
    return (values) => values[at]!;
  }
  const [kind, parts] = Object.entries(operand)[0] as ['concat' | 'sum' | 'product', Operand[]];
  // parts of a sum are taken as they are: only texts can be compared with a concat, only numbers with a sum
  const evaluate = parts.map((part) => (typeof part === 'object' ? evaluatorOf(rules, left, part) : () => part));
  return (values) => logic[kind](...evaluate.map((part) => part(values)));
}
