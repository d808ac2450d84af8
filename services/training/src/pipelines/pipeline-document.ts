import { type ProblemItem } from '@bascule/platform';
import { type Document, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { newPipeline, pipelineBody } from './pipelines.schema.js';

/** A fault of a document and its place, both from 1. */
export interface DocumentFault extends ProblemItem {
  readonly line: number;
  readonly column: number;
}

export type ReadDocument = { readonly value: object } | { readonly faults: readonly DocumentFault[] };

const maxAliases = 50;

/**
 * Reads a pipeline written in YAML.
 * @param kind `new` has a name, `body` has none
 */
export function readPipelineDocument(text: string, kind: 'new' | 'body'): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faultAt = (offset: number, path: string, message: string): DocumentFault => {
    const { line, col: column } = lines.linePos(offset);
    return { path, message: `line ${line}, column ${column}: ${message}`, line, column };
  };
  if (document.errors.length > 0) return { faults: document.errors.slice(0, 20).map(({ pos, message }) => faultAt(pos[0], '', message)) };
  const value = mappingOf(document);
  if (value === undefined) return { faults: [faultAt(0, '', 'a pipeline is a mapping of names to values, with few aliases')] };
  const schema: z.ZodObject = kind === 'new' ? newPipeline : pipelineBody;
  const issues = (schema.safeParse(value).error?.issues ?? []).flatMap(eachName);
  const faults = issues.slice(0, 100).map(({ path, message }) => faultAt(offsetOf(document, path), path.map(String).join('.'), message));
  return faults.length > 0 ? { faults } : { value };
}

function mappingOf(document: Document): object | undefined {
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // aliases of aliases, without end
  }
}

/** A fault for each name that nobody knows, at its own place. */
function eachName(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((name) => ({ path: [...issue.path, name], message: issue.message }));
}

/** Where the value of a path begins; of one that is missing, where it should be. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as ParsedNode | undefined;
    if (node?.range) return node.range[0];
  }
  return (document.contents as ParsedNode | null)?.range?.[0] ?? 0;
}
