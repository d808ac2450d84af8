import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { RE2JS } from 're2js';
import { isDeterministic } from './is-deterministic.js';
import { linearSource } from './linear-source.js';

/** A pattern that a contract brings: its test takes time linear in the text. */
export interface TextPattern {
  /** As it was written. */
  readonly source: string;
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
}

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * Makes a pattern in the syntax and with the meaning of JavaScript (flag u). The engine of the language searches for it where it has only
 * one way to match, RE2 anywhere else. @throws Error that says what is wrong with it
 */
export function textPattern(source: string): TextPattern {
  // first, because its message is the one that authors know
  const native = new RegExp(source, 'u');
  const pattern: AST.Pattern = parser.parsePattern(source, 0, source.length, { unicode: true });
  return isDeterministic(pattern) ? native : searchedByRe2(source, pattern);
}

function searchedByRe2(source: string, pattern: AST.Pattern): TextPattern {
  const search = compiled(source, linearSource(pattern));
  // a value that the contract maps a text to may be a number: it is matched as it is written, as everywhere in the language
  return { source, test: (text) => search.test(String(text)) };
}

function compiled(source: string, linear: string): RE2JS {
  try {
    return RE2JS.compile(linear);
  } catch (error) {
    throw new Error(`the pattern ${source} is too large: ${(error as Error).message}`);
  }
}
