/** First and last code point of a run of code points. */
export type Range = readonly [first: number, last: number];

export const lastCodePoint = 0x10ffff;
const [firstSurrogate, lastSurrogate] = [0xd800, 0xdfff];

const digits = read('30-39');
const letters = read('30-39 41-5a 5f 61-7a');
const blanks = read('9-d 20 a0 1680 2000-200a 2028-2029 202f 205f 3000 feff');
const lineEnds = read('a d 2028-2029');
const known = new Map<string, readonly Range[]>([
  ['\\d', digits],
  ['\\w', letters],
  ['\\s', blanks],
  ['\\D', others(digits)],
  ['\\W', others(letters)],
  ['\\S', others(blanks)],
  ['.', others(lineEnds)],
]);
const mostKnown = 500;
let everyCharacter: string | undefined;

/** The code points that an escape of JavaScript (`\s`, `\p{Lu}`) stands for. Properties are asked of its engine; half pairs have none. */
export function rangesOf(written: string): readonly Range[] {
  const before = known.get(written);
  if (before) return before;
  everyCharacter ??= allCharacters();
  const ranges = [...everyCharacter.matchAll(new RegExp(`(?:${written})+`, 'gu'))].flatMap(([run]) => runOf(run));
  if (known.size < mostKnown) known.set(written, ranges);
  return ranges;
}

function read(hex: string): Range[] {
  return hex.split(' ').map((part): Range => {
    const [first, last = first] = part.split('-');
    return [Number.parseInt(first!, 16), Number.parseInt(last!, 16)];
  });
}

/** All code points but these. */
function others(ranges: readonly Range[]): Range[] {
  const gaps = ranges.map(([, last], at): Range => [last + 1, (ranges[at + 1]?.[0] ?? lastCodePoint + 1) - 1]);
  return [[0, ranges[0]![0] - 1], ...gaps];
}

function allCharacters(): string {
  const parts: string[] = [];
  for (let first = 0; first <= lastCodePoint; first += 4096) {
    const points = Array.from({ length: 4096 }, (_, at) => first + at);
    parts.push(String.fromCodePoint(...points.filter((point) => point < firstSurrogate || point > lastSurrogate)));
  }
  return parts.join('');
}

/** A run of neighbours in the text of all characters; the half pairs, which that text leaves out, end it. */
function runOf(run: string): Range[] {
  const first = run.codePointAt(0)!;
  const unit = run.charCodeAt(run.length - 1);
  const last = unit >= 0xdc00 && unit <= lastSurrogate ? run.codePointAt(run.length - 2)! : unit;
  if (first > firstSurrogate || last < lastSurrogate) return [[first, last]];
  return [
    [first, firstSurrogate - 1],
    [lastSurrogate + 1, last],
  ];
}
