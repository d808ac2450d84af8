import type { ErrorScope } from './problem-scope.js';
import type { RetryAdvice } from './retry-advice.js';

/** What went wrong, in one of few kinds; each edge (HTTP, messages) has one table from kind to behaviour. */
export const errorKinds = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unprocessable: 422,
  throttled: 429,
  unavailable: 503,
  deadline: 504,
} as const;
export type ErrorKind = keyof typeof errorKinds;

/** An error this system can return: its code is stable, its remedy tells the reader what to do next. */
export interface ErrorDefinition {
  readonly code: string;
  readonly kind: ErrorKind;
  /** Where HTTP has a status of its own for this one error; else the kind says it. */
  readonly status?: number;
  readonly title: string;
  readonly remedy: string;
  /** Where a program should do something else about it than about other errors of the kind. */
  readonly retry?: Partial<RetryAdvice>;
  /** Operations that may end in it without naming it; absent: only those that name it do. */
  readonly scope?: ErrorScope;
}

/** One fault of a request, with the path to the value. */
export interface ProblemItem {
  readonly path: string;
  readonly message: string;
}

/** An error with a stable code. Thrown by services and consumers alike; the edges translate it. */
export class BasculeError extends Error implements ErrorDefinition {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
  readonly params: Record<string, unknown>;
  readonly detail: string;

  constructor(definition: ErrorDefinition, params: Record<string, unknown> = {}, detail?: string) {
    const text = detail ?? detailOf(definition, params);
    super(`${definition.code}: ${text}`);
    this.name = 'BasculeError';
    this.code = definition.code;
    this.kind = definition.kind;
    this.status = definition.status ?? errorKinds[definition.kind];
    this.title = definition.title;
    this.remedy = definition.remedy;
    this.params = params;
    this.detail = text;
  }
}

export interface ErrorFactory {
  (params?: Record<string, unknown>, detail?: string): BasculeError;
  readonly definition: ErrorDefinition;
}

const definitions = new Map<string, ErrorDefinition>();

/** Defines an error once; `docs/errors.md` is generated from these. */
export function defineError(definition: ErrorDefinition): ErrorFactory {
  definitions.set(definition.code, definition);
  const make = (params?: Record<string, unknown>, detail?: string) => new BasculeError(definition, params, detail);
  return Object.assign(make, { definition });
}

/** Every error defined by the modules loaded so far, sorted by code. */
export function definedErrors(): ErrorDefinition[] {
  return [...definitions.values()].sort((a, b) => a.code.localeCompare(b.code));
}

function detailOf(definition: ErrorDefinition, params: Record<string, unknown>): string {
  const facts = Object.entries(params).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  if (facts.length === 0) return `${definition.title}.`;
  return `${definition.title} (${facts.map(([name, value]) => `${name} ${String(value)}`).join(', ')}).`;
}
