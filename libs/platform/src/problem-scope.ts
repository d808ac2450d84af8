import type { ErrorDefinition } from './define-error.js';

/**
 * Operations that may end in an error which they do not name themselves: every one, those with input of any kind, with a body, with
 * JSON, with pages, with an `Idempotency-Key`, for callers with a key, about a model or a dataset of the address.
 */
export type ErrorScope = 'every' | 'input' | 'body' | 'json' | 'paged' | 'repeatable' | 'secured' | 'model' | 'dataset';

/** What of an operation, as OpenAPI describes it, decides which errors it may end in. */
export interface DescribedOperation {
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly security?: readonly object[];
  /** Codes of the errors that the operation names. */
  readonly [problemsExtension]?: readonly string[];
}

/** Where an operation keeps the codes of its own errors until the description is complete. */
export const problemsExtension = 'x-problems';

/** The errors that an operation may end in, out of all that are defined: its own, and those that go for operations of its kind. */
export function problemsOf(operation: DescribedOperation, defined: readonly ErrorDefinition[]): ErrorDefinition[] {
  const own = new Set(operation[problemsExtension] ?? []);
  const scopes = scopesOf(operation);
  return defined.filter(({ code, scope }) => own.has(code) || (scope !== undefined && scopes.has(scope)));
}

function scopesOf({ parameters = [], requestBody, security }: DescribedOperation): ReadonlySet<ErrorScope> {
  const known = parameters as readonly { readonly name?: string; readonly in?: string }[];
  const has = (place: string, name: string) => known.some((at) => at.in === place && at.name?.toLowerCase() === name);
  const hasBody = requestBody !== undefined;
  // an empty requirement stands for nobody in particular
  const isSecured = security === undefined || (security.length > 0 && security.every((needed) => Object.keys(needed).length > 0));
  const found: [ErrorScope, boolean][] = [
    ['every', true],
    ['input', hasBody || known.some((at) => at.in === 'path' || at.in === 'query')],
    ['body', hasBody],
    ['json', hasBody && contentTypesOf(requestBody).some((type) => /\bjson\b/.test(type))],
    ['paged', has('query', 'cursor')],
    ['repeatable', has('header', 'idempotency-key')],
    ['secured', isSecured],
    ['model', isSecured && has('path', 'model')],
    ['dataset', isSecured && has('path', 'dataset')],
  ];
  return new Set(found.filter(([, is]) => is).map(([scope]) => scope));
}

function contentTypesOf(body: object): string[] {
  return Object.keys((body as { readonly content?: object }).content ?? {});
}
