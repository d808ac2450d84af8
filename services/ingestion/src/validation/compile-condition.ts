import { textPattern } from '../patterns/text-pattern.js';
import type { ColumnRule } from './column-rule.js';
import { type ColumnTest, type Condition, comparisons, type Operand } from './condition.js';
import { literalFor, positionOf } from './interpret-condition.js';

const operators = { is: '===', isNot: '!==', lessThan: '<', atMost: '<=', moreThan: '>', atLeast: '>=' } as const;

/**
 * A condition as source text over `values`, `logic` and the constants it pushes to `constants` (as `k[i]`):
 * nothing of the contract but column numbers enters the text.
 */
export function conditionSource(rules: readonly ColumnRule[], node: Condition, constants: unknown[]): string {
  const inner = (part: Condition) => conditionSource(rules, part, constants);
  if ('all' in node) return `logic.all(${node.all.map(inner).join(', ')})`;
  if ('any' in node) return `logic.any(${node.any.map(inner).join(', ')})`;
  if ('not' in node) return `logic.not(${inner(node.not)})`;
  if ('if' in node) return `logic.when(${inner(node.if)}, ${inner(node.must)}, ${node.otherwise ? inner(node.otherwise) : 'true'})`;
  return testSource(rules, node, constants);
}

function testSource(rules: readonly ColumnRule[], node: ColumnTest, constants: unknown[]): string {
  const at = positionOf(rules, node.column);
  const rule = rules[at]!;
  const cell = `values[${at}]`;
  const constant = (value: unknown) => `k[${constants.push(value) - 1}]`;
  if (node.isMissing !== undefined) return `(${cell} ${node.isMissing ? '===' : '!=='} null)`;
  if (node.matches !== undefined) return `(${cell} === null ? undefined : ${constant(textPattern(node.matches))}.test(${cell}))`;
  const list = node.in ?? node.notIn;
  if (list) {
    const set = constant(new Set(list.map((value) => literalFor(rule, value))));
    return `(${cell} === null ? undefined : ${node.in ? '' : '!'}${set}.has(${cell}))`;
  }
  const name = comparisons.find((each) => node[each] !== undefined)!;
  const right = operandSource(rules, rule, node[name]!, constant);
  return `(${cell} === null || ${right} === null ? undefined : ${cell} ${operators[name]} ${right})`;
}

function operandSource(rules: readonly ColumnRule[], left: ColumnRule, operand: Operand, constant: (value: unknown) => string): string {
  if (typeof operand !== 'object') return constant(literalFor(left, operand));
  if ('column' in operand) return `values[${positionOf(rules, operand.column)}]`;
  const [kind, parts] = Object.entries(operand)[0] as ['concat' | 'sum' | 'product', Operand[]];
  const inner = parts.map((part) => (typeof part === 'object' ? operandSource(rules, left, part, constant) : constant(part)));
  return `logic.${kind}(${inner.join(', ')})`;
}
