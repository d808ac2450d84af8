const partOfWord = /[\p{L}\p{N}]/u;

/** Whether a value stands in a text that could not be read, as a word of its own: `E2` in `E2,x` and in `"id":"E2"`, not in `E21`. */
export function standsIn(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const [before, after] = [characterBefore(text, at), characterAt(text, at + value.length)];
    if (!partOfWord.test(before) && !partOfWord.test(after)) return true;
  }
  return false;
}

function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

function characterBefore(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  return characterAt(text, unit >= 0xdc00 && unit <= 0xdfff ? at - 2 : at - 1);
}
