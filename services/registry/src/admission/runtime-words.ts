/** As much as a person reads of one reason. */
const longest = 240;
/** Where in its sources the runtime noticed something, up to the end of the function's signature. */
const sourcePlace = /\S*\.(?:cc|cpp|cxx|h|hpp|inc|cu):\d+ (?:(?:[^()]|\((?:[^()]|\([^()]*\))*\))*? (?:was|is) false\.? ?)?/g;
const functionSignature = /(?:[\w:<>,&*~ ]+::)+[~\w<>]+\((?:[^()]|\([^()]*\))*\)(?: const)?(?: \[[^\]]*\])?/g;
const nodeFailed = /^Non-zero status code returned while running (\S+) node\. Name: ?'([^']*)' Status Message: /;

/** What the runtime says about a model in words for its owner: no paths, functions and conditions of its sources. */
export function runtimeWords(text: string): string {
  const plain = text.slice(0, 2_000).replace(/\s+/g, ' ').trim();
  const failed = nodeFailed.exec(plain);
  const rest = plain
    .replace(nodeFailed, '')
    .replace(sourcePlace, '')
    .replace(functionSignature, '')
    .replace(/\b\w+(?:::\w+)+\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const what = firstSentences(rest) || 'the runtime gives no reason';
  if (!failed) return what;
  return `${failed[1]}${failed[2] ? ` ${JSON.stringify(failed[2])}` : ''}: ${what}`;
}

function firstSentences(text: string): string {
  if (text.length <= longest) return text;
  const end = text.slice(0, longest).lastIndexOf('. ');
  return end > 0 ? text.slice(0, end + 1) : `${text.slice(0, longest - 1)}…`;
}
