import type { GraphBuilder } from '../graph/graph-builder.js';
import { type Column, type NumberColumn, sharedFloats, type TextColumn } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';
import type { Derivation } from './derivation.js';

/** So many terms of a text are told apart: the most frequent. */
const maxTerms = 100;
/** Terms of fewer rows are left out. */
const rareBelow = 5;

/**
 * Words of a text, as the graph finds them: parted at spaces, A to Z in small letters. Punctuation and other white space
 * stay with their word, for no operator of ONNX takes them off.
 */
export function wordsOf(text: string): string[] {
  return text
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .split(/ +/)
    .filter((word) => word !== '');
}

/** Words and pairs of words that follow each other. */
export function termsOf(text: string): string[] {
  const words = wordsOf(text);
  return [...words, ...words.slice(1).map((word, index) => `${words[index]} ${word}`)];
}

function textOf(column: Column): TextColumn {
  if (column.kind !== 'texts') throw new Error('a text is expected');
  return column;
}

interface Vocabulary {
  readonly terms: readonly string[];
  /** Smoothed inverse document frequency, as 32-bit floats. */
  readonly weights: readonly number[];
}

function fitVocabulary({ codes, dictionary }: TextColumn): Vocabulary {
  const rows = new Uint32Array(dictionary.length);
  for (const code of codes) rows[code]!++;
  const counts = new Map<string, number>();
  for (const [code, text] of dictionary.entries()) {
    for (const term of new Set(termsOf(text))) counts.set(term, (counts.get(term) ?? 0) + rows[code]!);
  }
  const kept = [...counts].filter(([, count]) => count >= rareBelow).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const terms = kept.slice(0, maxTerms);
  // words before pairs, as the operator wants its pool
  terms.sort((a, b) => Number(a[0].includes(' ')) - Number(b[0].includes(' ')));
  const weightOf = (count: number) => Math.fround(Math.log((1 + codes.length) / (1 + count)) + 1);
  return { terms: terms.map(([term]) => term), weights: terms.map(([, count]) => weightOf(count)) };
}

function compute({ codes, dictionary }: TextColumn, { terms, weights }: Vocabulary): Column[] {
  const positions = new Map(terms.map((term, index) => [term, index]));
  const columns = terms.map((): NumberColumn => ({ kind: 'numbers', values: sharedFloats(codes.length) }));
  const found = dictionary.map((text) => {
    const counts = new Map<number, number>();
    for (const term of termsOf(text)) {
      const index = positions.get(term);
      if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return [...counts];
  });
  for (const [row, code] of codes.entries())
    for (const [index, count] of found[code]!) columns[index]!.values[row] = count * weights[index]!;
  return columns;
}

function emit(graph: GraphBuilder, input: string, { terms, weights }: Vocabulary): string | undefined {
  if (terms.length === 0) return undefined;
  const flat = graph.node('Reshape', [input, graph.integers([-1])]);
  const attributes = { case_change_action: { text: 'LOWER' }, is_case_sensitive: { integer: 1 }, locale: { text: 'C' } };
  const small = graph.node('StringNormalizer', [flat], { attributes });
  const words = graph.node('StringSplit', [small], { more: 1 });
  const singles = terms.filter((term) => !term.includes(' '));
  const pairs = terms.filter((term) => term.includes(' '));
  return graph.node('TfIdfVectorizer', [words], {
    attributes: {
      mode: { text: 'TFIDF' },
      min_gram_length: { integer: 1 },
      max_gram_length: { integer: 2 },
      max_skip_count: { integer: 0 },
      ngram_counts: { ints: [0, singles.length] },
      ngram_indexes: { ints: terms.map((_, index) => index) },
      pool_strings: { strings: [...singles, ...pairs.flatMap((pair) => pair.split(' '))] },
      weights: { floats: weights },
    },
  });
}

/** Learns the terms of a text: how often each occurs in a row, weighed by how rare it is. */
export function fitTerms({ name }: Feature, column: Column): Derivation {
  const vocabulary = fitVocabulary(textOf(column));
  return {
    parts: vocabulary.terms.map((term) => ({ name: `${name}: ${term}`, kind: 'numeric' as const })),
    compute: (of) => compute(textOf(of), vocabulary),
    emit: (graph, input) => emit(graph, input, vocabulary),
  };
}
