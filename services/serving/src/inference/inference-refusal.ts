import { type Problem, problemOf, retryAfterSecondsOf } from '@bascule/platform';
import { failedVersionOf } from './failed-version.js';

/** An error as it is answered over REST. */
export interface RefusalReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers an error. */
export function refusalReply(error: unknown, requestId: string): RefusalReply {
  const { status, body } = problemOf(error, `urn:bascule:request:${requestId}`);
  const retryAfter = retryAfterSecondsOf(error, status);
  const version = failedVersionOf(error);
  return {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(version === undefined ? {} : { 'x-bascule-model-version': String(version) }),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify(withError(body)),
  };
}

/** One body for both readers: problem details, and the protocol's own `error`. */
export function withError(problem: Problem): Problem & { readonly error: string } {
  return { ...problem, error: problem.detail };
}

/** True for a body of problem details. */
export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
