import { describe, expect, it } from 'vitest';
import { textPattern } from './text-pattern.js';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
const random = seeded(11);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const many = <T>(most: number, make: () => T): T[] => Array.from({ length: 1 + Math.floor(random() * most) }, make);

const isNative = (source: string) => textPattern(source) instanceof RegExp;
const characters = ['a', 'b', 'A', '1', '-', '.', ' ', '\n', '\u00a0', '\u2028', 'ß', 'é', 'ж', '💥', '_', '\ufeff', 'K', 'ſ'];
const atoms = [
  ...['a', 'b', '1', '-', 'ß', '💥', '\\.', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\x61', '\\u{1F4A5}', '\\n', '\\cJ', '\\/'],
  ...['[ab]', '[^ab]', '[a-z\\d]', '[^\\s]', '[\\w.-]', '[]', '[^]', '[\\b]', '[💥ß]', '[а-я]', '[\\]^]', '[\\p{Lu}1]', '[^\\P{L}]'],
  ...['\\p{L}', '\\P{Lu}', '\\p{Script=Cyrillic}', '\\p{ASCII}', '\\p{Emoji}', '\\p{White_Space}'],
];
const counts = ['*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??', '{1,3}?'];

function piece(depth = 0): string {
  const kind = random();
  if (depth < 2 && kind < 0.2) return `${pick(['(', '(?:', `(?<n${Math.floor(random() * 1e9)}>`])}${alternatives(depth + 1)})${count()}`;
  if (kind < 0.27) return pick(['^', '$', '\\b', '\\B']);
  return pick(atoms) + count();
}
const count = () => (random() < 0.4 ? pick(counts) : '');
const alternatives = (depth = 0): string => many(depth === 0 ? 2 : 3, () => many(4, () => piece(depth)).join('')).join('|');

describe('a pattern of a contract', () => {
  it('means what it means to the language, whichever engine searches for it', () => {
    let [linear, found] = [0, 0];
    for (let round = 0; round < 600; round++) {
      const source = alternatives();
      const [pattern, expected] = [textPattern(source), new RegExp(source, 'u')];
      if (!(pattern instanceof RegExp)) linear++;
      for (let each = 0; each < 10; each++) {
        const text = random() < 0.1 ? '' : many(6, () => pick(characters)).join('');
        if (expected.test(text)) found++;
        if (pattern.test(text) !== expected.test(text))
          expect([source, text, pattern.test(text)]).toEqual([source, text, expected.test(text)]);
      }
    }
    expect(linear).toBeGreaterThan(400);
    expect(found).toBeGreaterThan(1000);
  });

  it.each(['\\d', '\\s', '\\S', '\\w', '\\W', '.', '\\p{L}', '[^\\p{Lu}]', '[^]'])('knows every character that %s is', (written) => {
    const [linear, native] = [textPattern(`^(?:${written}|${written})$`), new RegExp(`^${written}$`, 'u')];
    expect(linear).not.toBeInstanceOf(RegExp);
    const wrong: number[] = [];
    for (let point = 0; point <= 0x10ffff; point += point < 0x3000 ? 1 : 61) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const character = String.fromCodePoint(point);
      if (linear.test(character) !== native.test(character)) wrong.push(point);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['(a+)+$', 'a'],
    ['^(a|a)*$', 'a'],
    ['^(?:a?){50}a{50}$', 'a'],
    ['\\s+$', ' '],
    ['^\\d*\\d*\\d*x$', '1'],
    ['^[a-z0-9]+(?:-?[a-z0-9]+)*@', 'a'],
  ])('such as %s holds nobody up', (source, repeated) => {
    const pattern = textPattern(source);
    expect(pattern).not.toBeInstanceOf(RegExp);
    expect(pattern.test(`${repeated.repeat(100_000)}!`)).toBe(false);
  });

  it('is searched for by the engine of the language where there is only one way to match', () => {
    const certain = [
      '^[A-Z]{2}\\d{4}$',
      '^\\d+-\\d+$',
      '^[^,]*,[a-z]+$',
      '^\\w+ *$',
      '\\d{5}',
      'abc',
      '^-?\\d{1,3}\\.\\d*$',
      '',
      '^$',
      '^',
      '$',
    ];
    const groups = [
      '^(?:a)$',
      'a|b',
      '^\\d+(?:\\.\\d+)?$',
      '^(?:Mr|Dr) [A-Z]',
      '^\\w+(?:-\\w+)*$',
      '^(?:ab|c(?:d|e)+)*f?$',
      '^(?:\\d{2}:){1,2}x',
    ];
    for (const source of [...certain, ...groups]) expect([source, isNative(source)]).toEqual([source, true]);
    const uncertain = [
      '^\\d+\\d$',
      '^a*b*a$',
      '\\d+',
      '^.*x$',
      '^\\w{1,3}[a-z]$',
      '^a?b?[ab]$',
      '^[^a]+é',
      '^\\s*\\p{Z}',
      '^a|b+',
      '^a\\b',
    ];
    const loops = ['^(a+)+$', '^(a|ab)$', '^(?:a?)*$', '^(?:|a?)(?:|b?)c', '^(?:a?)?$', '^(a*b*)*$', '^(?:ab?)+b', '^(?:a|)(?:|a)b'];
    for (const source of [...uncertain, ...loops]) expect([source, isNative(source)]).toEqual([source, false]);
  });

  it('is found out about at once wherever the engine of the language searches for it', () => {
    const units = ['a', 'b', '\\d', '\\w', '[a-c]', '[^a]', '-', '\\s', '.'];
    const step = (depth = 0): string => {
      const group = () => `(?:${many(2, () => many(3, () => step(depth + 1)).join('')).join('|')})`;
      return (depth < 2 && random() < 0.3 ? group() : pick(units)) + count();
    };
    const texts = ['a', 'b', 'ab', '1', 'a1', 'ba', '-'].flatMap((each) => [each.repeat(100_000), `${each.repeat(50_000)}!`]);
    let natives = 0;
    for (let round = 0; round < 1500; round++) {
      const source = `${pick(['^', ''])}${many(4, () => step()).join('')}${pick(['$', ''])}`;
      if (!isNative(source)) continue;
      natives++;
      // a search that went back would not end here
      for (const text of texts) expect(typeof textPattern(source).test(text)).toBe('boolean');
    }
    expect(natives).toBeGreaterThan(150);
  });

  it.each([
    ['(?=a)b', 'a lookahead ((?=a))'],
    ['(?<!a)b', 'a lookbehind ((?<!a))'],
    ['(a)\\1', 'a reference to a group (\\1)'],
    ['(?:ab){1,2000}', 'a count beyond 1000 ((?:ab){1,2000})'],
    ['(?:(?:(?:a{0,1000}){0,1000}){0,1000}){0,1000}', 'is too large'],
    ['(', 'Unterminated group'],
    ['a{2', 'Incomplete quantifier'],
  ])('such as %s is refused with the reason', (source, reason) => expect(() => textPattern(source)).toThrow(reason));
});
