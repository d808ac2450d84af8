import type { FlagCode } from './guard-settings.js';

const unusual = /[^ -~\t\r\n]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const invisible =
  /\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
// joiners have their place in emoji and in scripts that need them, not between letters of the Latin alphabet
const misplacedJoiner = /\p{Script=Latin}[\u200c\u200d]|[\u200c\u200d]\p{Script=Latin}/u;
/** A word with letters of two alphabets that look alike: pаypal with a Cyrillic а. */
const word = /[\p{L}\p{M}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]+/gu;
const latin = /\p{Script=Latin}/u;
const lookalike = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
/** What a spreadsheet runs when it opens the file: =1+1, @SUM(A1), +cmd|' /C calc'!A0, -2+3+cmd|. */
const formula = /^[\t\r\n ]*(?:=.*[\w"'(]|@\s*\w+\s*\(|[+-].*[(!|])/s;

/** The flags of a text; undefined where there are none, which is nearly always. */
export function textFlags(text: string, oversizeCharacters: number): FlagCode[] | undefined {
  // the usual text: a letter first, and nothing but ASCII
  if (text.charCodeAt(0) > 64 && text.length <= oversizeCharacters && !unusual.test(text)) return undefined;
  let flags: FlagCode[] | undefined;
  const add = (code: FlagCode) => {
    flags ??= [];
    flags.push(code);
  };
  if (text.length > oversizeCharacters) add('oversize_field');
  const first = text.charCodeAt(0);
  // = + - @ and the blanks that may stand before them
  if ((first === 61 || first === 43 || first === 45 || first === 64 || first <= 32) && formula.test(text)) add('formula');
  if (unusual.test(text)) {
    if (control.test(text)) add('control_character');
    if (invisible.test(text) || misplacedJoiner.test(text)) add('invisible_character');
    if (isMixed(text)) add('mixed_script');
  }
  return flags;
}

// word by word: one pattern for both alphabets would go through a long word once per letter
function isMixed(text: string): boolean {
  if (!lookalike.test(text) || !latin.test(text)) return false;
  for (const [letters] of text.matchAll(word)) if (latin.test(letters) && lookalike.test(letters)) return true;
  return false;
}
