import { LineCounter, parseDocument } from 'yaml';

/** Aliases that a document may unfold; more of them are meant to fill memory. */
const mostAliases = 100;

/** A document, or what is wrong with its text. */
export type ReadDocument = { readonly value: object } | { readonly faults: readonly string[] };

/** Reads a contract written in YAML (YAML 1.2, of which JSON is a part). Dates stay text, as they are written. */
export function readDocument(text: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    return {
      faults: document.errors.slice(0, 5).map(({ pos, message }) => {
        const { line, col } = lines.linePos(pos[0]);
        return `line ${line}, column ${col}: ${message}`;
      }),
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    return { faults: [(error as Error).message] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { faults: ['a contract is a mapping of names to values'] };
  return { value };
}
