import type { AST } from '@eslint-community/regexpp';

/** Characters that a place in a pattern takes: ASCII as bits, all others together. */
interface Taken {
  readonly ascii: bigint;
  readonly others: boolean;
}

/** A piece of a pattern: what it may begin with, and of each place it may end at what may come next. */
interface Piece {
  readonly first: readonly Taken[];
  readonly last: readonly Taken[][];
  readonly mayBeEmpty: boolean;
  readonly mostCharacters: number;
}

const nothing: Piece = { first: [], last: [], mayBeEmpty: true, mostCharacters: 0 };
/** Without ^ a pattern is tried at every character: so many it may look at each time. */
const mostUnanchored = 64;
const asciiCharacters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/**
 * Whether a backtracking engine finds out about a pattern in time linear in the text, whatever the text: at every place the next character
 * alone settles how to go on, so that there is one way at most and going back finds no other. Says no where it is not certain.
 */
export function isDeterministic(pattern: AST.Pattern): boolean {
  const places: Taken[][] = [];
  const isAnchored = pattern.alternatives.length === 1 && isEdge(pattern.alternatives[0]!.elements[0], 'start');
  const whole = anyOf(pattern.alternatives, places, true);
  if (!whole || (!isAnchored && whole.mostCharacters > mostUnanchored)) return false;
  return [whole.first, ...places].every(areApart);
}

function isEdge(element: AST.Element | undefined, kind: 'start' | 'end'): boolean {
  return element?.type === 'Assertion' && element.kind === kind;
}

function anyOf(alternatives: readonly AST.Alternative[], places: Taken[][], isWhole = false): Piece | undefined {
  const pieces = alternatives.map(({ elements }) => {
    const [start, end] = [isEdge(elements[0], 'start'), isEdge(elements.at(-1), 'end')];
    const inner = isWhole ? elements.slice(start ? 1 : 0, end && elements.length > (start ? 1 : 0) ? -1 : undefined) : elements;
    return sequence(inner, places);
  });
  if (!pieces.every((piece) => piece !== undefined)) return undefined;
  // two ways to match nothing are two ways
  if (pieces.filter(({ mayBeEmpty }) => mayBeEmpty).length > 1) return undefined;
  return {
    first: pieces.flatMap(({ first }) => first),
    last: pieces.flatMap(({ last }) => last),
    mayBeEmpty: pieces.some(({ mayBeEmpty }) => mayBeEmpty),
    mostCharacters: Math.max(...pieces.map(({ mostCharacters }) => mostCharacters)),
  };
}

function sequence(elements: readonly AST.Element[], places: Taken[][]): Piece | undefined {
  let before = nothing;
  for (const element of elements) {
    const next = pieceOf(element, places);
    if (!next) return undefined;
    for (const following of before.last) following.push(...next.first);
    before = {
      first: before.mayBeEmpty ? [...before.first, ...next.first] : before.first,
      last: next.mayBeEmpty ? [...before.last, ...next.last] : next.last,
      mayBeEmpty: before.mayBeEmpty && next.mayBeEmpty,
      mostCharacters: before.mostCharacters + next.mostCharacters,
    };
  }
  return before;
}

function pieceOf(element: AST.Element, places: Taken[][]): Piece | undefined {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass': {
      const following: Taken[] = [];
      places.push(following);
      return { first: [takenBy(element)], last: [following], mayBeEmpty: false, mostCharacters: 1 };
    }
    case 'Group':
      return element.modifiers ? undefined : anyOf(element.alternatives, places);
    case 'CapturingGroup':
      return anyOf(element.alternatives, places);
    case 'Quantifier':
      return repeated(element, places);
    default:
      return undefined;
  }
}

function repeated({ element, min, max }: AST.Quantifier, places: Taken[][]): Piece | undefined {
  const piece = pieceOf(element, places);
  if (!piece || piece.mayBeEmpty || max === 0) return undefined;
  // of a single character the number alone settles when to go on; a group may end where it may begin
  const isCounted = min === max && element.type !== 'Group' && element.type !== 'CapturingGroup';
  if (max > 1 && !isCounted) for (const following of piece.last) following.push(...piece.first);
  return { ...piece, mayBeEmpty: min === 0, mostCharacters: piece.mostCharacters * max };
}

function areApart(all: readonly Taken[]): boolean {
  let ascii = 0n;
  let others = false;
  for (const taken of all) {
    if ((ascii & taken.ascii) !== 0n || (others && taken.others)) return false;
    ascii |= taken.ascii;
    others ||= taken.others;
  }
  return true;
}

function takenBy(node: AST.Character | AST.CharacterSet | AST.CharacterClass): Taken {
  const one = new RegExp(`^(?:${node.raw})$`, 'u');
  const ascii = asciiCharacters.reduce((bits, character, code) => (one.test(character) ? bits | (1n << BigInt(code)) : bits), 0n);
  return { ascii, others: mayTakeOthers(node) };
}

/** False only where it is certain. */
function mayTakeOthers(node: AST.CharacterSet | AST.CharacterClass | AST.CharacterClassElement): boolean {
  switch (node.type) {
    case 'Character':
      return node.value > 127;
    case 'CharacterClassRange':
      return node.max.value > 127;
    case 'CharacterSet':
      return !((node.kind === 'digit' || node.kind === 'word') && !node.negate);
    case 'CharacterClass':
      return node.negate || node.elements.some(mayTakeOthers);
    default:
      return true;
  }
}
