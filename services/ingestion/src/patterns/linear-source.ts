import type { AST } from '@eslint-community/regexpp';
import { lastCodePoint, type Range, rangesOf } from './code-point-ranges.js';

/** What the linear engine counts to. */
const mostRepeats = 1000;
const everything = `\\x{0}-\\x{${lastCodePoint.toString(16)}}`;

/**
 * A pattern of JavaScript in the syntax of RE2, for tests: it matches the same texts, groups capture nothing.
 * @throws Error naming what no engine does in linear time
 */
export function linearSource(pattern: AST.Pattern): string {
  return alternativesSource(pattern);
}

function alternativesSource({ alternatives }: { readonly alternatives: readonly AST.Alternative[] }): string {
  return alternatives.map(({ elements }) => elements.map(elementSource).join('')).join('|');
}

function elementSource(node: AST.Element): string {
  switch (node.type) {
    case 'Character':
      return hex(node.value);
    case 'CharacterSet':
    case 'CharacterClass':
      return classSource(node);
    case 'Group':
      if (node.modifiers) throw unsupported(node, 'modifiers');
      return `(?:${alternativesSource(node)})`;
    case 'CapturingGroup':
      return `(?:${alternativesSource(node)})`;
    case 'Quantifier':
      return quantifierSource(node);
    case 'Assertion':
      return assertionSource(node);
    case 'Backreference':
      throw unsupported(node, 'a reference to a group');
    default:
      throw unsupported(node, 'this');
  }
}

function quantifierSource(node: AST.Quantifier): string {
  const { min, max, greedy, element } = node;
  const counted = max === Number.POSITIVE_INFINITY ? min : max;
  if (counted > mostRepeats) throw unsupported(node, `a count beyond ${mostRepeats}`);
  const times = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
  return `(?:${elementSource(element)})${times}${greedy ? '' : '?'}`;
}

function assertionSource(node: AST.Assertion): string {
  if (node.kind === 'start') return '\\A';
  if (node.kind === 'end') return '\\z';
  if (node.kind === 'word') return node.negate ? '\\B' : '\\b';
  throw unsupported(node, `a ${node.kind}`);
}

function classSource(node: AST.CharacterSet | AST.CharacterClass): string {
  if (node.type === 'CharacterSet') return inBrackets(setSource(node), false);
  return inBrackets(node.elements.map(memberSource).join(''), node.negate);
}

/** Brackets with nothing in them match nothing, and with ^ everything. */
function inBrackets(members: string, isNegated: boolean): string {
  if (members === '') return `[${isNegated ? '' : '^'}${everything}]`;
  return `[${isNegated ? '^' : ''}${members}]`;
}

function memberSource(node: AST.CharacterClassElement): string {
  if (node.type === 'Character') return hex(node.value);
  if (node.type === 'CharacterClassRange') return `${hex(node.min.value)}-${hex(node.max.value)}`;
  if (node.type === 'CharacterSet') return setSource(node);
  throw unsupported(node, 'this');
}

function setSource({ raw }: AST.CharacterSet): string {
  return rangesOf(raw)
    .map(([first, last]: Range) => `${hex(first)}-${hex(last)}`)
    .join('');
}

function hex(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}

function unsupported({ raw }: { raw: string }, what: string): Error {
  return new Error(`${what} (${raw}) cannot be searched for in time that is linear in the text`);
}
