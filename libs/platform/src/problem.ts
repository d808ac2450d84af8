import { HttpException } from '@nestjs/common';
import { BasculeError, type ErrorDefinition, type ProblemItem } from './define-error.js';
import { bodyTooLarge, dependencyUnavailable, malformedRequest, routeNotFound, unsupportedMediaType } from './errors.js';
import { isOutage } from './outage.js';

/** RFC 9457 problem details as this system writes them. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly code: string;
  readonly instance: string;
  readonly errors?: readonly ProblemItem[];
}

/** What nobody expected. */
export const unexpected = {
  code: 'platform.unexpected',
  title: 'Something went wrong on our side',
  remedy: 'Try again; if it stays, give the instance to the operators.',
} satisfies Omit<ErrorDefinition, 'kind'>;

/** Translates any thrown value into a problem; what is unknown becomes 500 without internals. */
export function problemOf(error: unknown, instance: string): { status: number; body: Problem } {
  const known = knownErrorOf(error);
  if (!known) {
    const body = { type: typeOf(unexpected.code), title: unexpected.title, status: 500, detail: `${unexpected.title}.` };
    return { status: 500, body: { ...body, remedy: unexpected.remedy, code: unexpected.code, instance } };
  }
  const { status } = known;
  const errors = itemsOf(known);
  return {
    status,
    body: {
      type: typeOf(known.code),
      title: known.title,
      status,
      detail: known.detail,
      remedy: known.remedy,
      code: known.code,
      instance,
      ...(errors ? { errors } : {}),
    },
  };
}

/**
 * Seconds a caller should wait before trying again, for `Retry-After`: `retryAfterSeconds` of the error's params,
 * one where nothing better is known, undefined where waiting does not help.
 */
export function retryAfterSecondsOf(error: unknown, status: number): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const wanted = error instanceof BasculeError ? error.params['retryAfterSeconds'] : undefined;
  return typeof wanted === 'number' && wanted > 1 ? Math.ceil(wanted) : 1;
}

function typeOf(code: string): string {
  return `urn:bascule:error:${code}`;
}

function itemsOf(error: BasculeError): readonly ProblemItem[] | undefined {
  const { errors } = error.params;
  return Array.isArray(errors) ? (errors as ProblemItem[]) : undefined;
}

function knownErrorOf(error: unknown): BasculeError | undefined {
  if (error instanceof BasculeError) return error;
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error.message);
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Error & { code?: unknown; statusCode?: unknown };
  if (isOutage(error)) return dependencyUnavailable();
  if (typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number') return fromStatus(statusCode, error.message);
  return undefined;
}

function fromStatus(status: number, message: string): BasculeError | undefined {
  if (status === 404) return routeNotFound({}, message);
  if (status === 413) return bodyTooLarge();
  if (status === 415) return unsupportedMediaType();
  if (status === 503) return dependencyUnavailable({}, message);
  if (status >= 400 && status < 500) return malformedRequest({}, message);
  return undefined;
}
