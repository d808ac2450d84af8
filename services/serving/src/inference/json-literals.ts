/** How an element of a list may be written that JSON has no number for, as Python's `json` writes it, and what stands for it in JSON. */
const written: readonly (readonly [string, string])[] = [
  ['NaN', 'null'],
  ['Infinity', '1e999'],
  ['-Infinity', '-1e999'],
];

/** Writes NaN, Infinity and -Infinity as JSON can say them, where they are elements of a list; anywhere else they stay a fault. */
export function withoutLiterals(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text;
  const parts: string[] = [];
  let copied = 0;
  let before = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (isBlank(character)) continue;
    const found = before === '[' || before === ',' ? literalAt(text, at) : undefined;
    if (found && endsElement(text, at + found[0].length)) {
      parts.push(text.slice(copied, at), found[1]);
      copied = at + found[0].length;
      at = copied - 1;
    } else if (character === '"') at = endOfText(text, at);
    before = character;
  }
  return parts.join('') + text.slice(copied);
}

function literalAt(text: string, at: number): (typeof written)[number] | undefined {
  const first = text[at];
  // most elements are numbers: a look at them is enough
  return first === 'N' || first === 'I' || first === '-' ? written.find(([literal]) => text.startsWith(literal, at)) : undefined;
}

function endsElement(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && isBlank(text[at] as string)) at++;
  return text[at] === ',' || text[at] === ']';
}

/** Where the text that begins at `from` has its closing quote; the end of everything when it has none. */
function endOfText(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}
