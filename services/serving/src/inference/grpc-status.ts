import { type BasculeError, type ErrorKind, retryAfterSecondsOf, unexpected } from '@bascule/platform';
import { Code, ConnectError } from '@connectrpc/connect';
import { failedVersionOf } from './failed-version.js';

const codes: Record<ErrorKind, Code> = {
  invalid: Code.InvalidArgument,
  unauthenticated: Code.Unauthenticated,
  forbidden: Code.PermissionDenied,
  not_found: Code.NotFound,
  conflict: Code.FailedPrecondition,
  too_large: Code.ResourceExhausted,
  unprocessable: Code.InvalidArgument,
  throttled: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  deadline: Code.DeadlineExceeded,
};

// the message travels in a header, which clients bound to a few kilobytes
const maxMessageLength = 500;
const maxPushbackSeconds = 60;

/** An error as a status of gRPC, with the metadata that REST has as headers: code, version asked, when to come back. */
export function statusOf(error: BasculeError): ConnectError {
  const version = failedVersionOf(error);
  const metadata = {
    'error-code': error.code,
    ...(version === undefined ? {} : { 'x-bascule-model-version': String(version) }),
    ...waitOf(error),
  };
  return new ConnectError(`${error.detail.slice(0, maxMessageLength).toWellFormed()} (${error.code})`, codes[error.kind], metadata);
}

/** The status of what nobody expected. */
export function unexpectedStatus(error: unknown): ConnectError {
  const version = failedVersionOf(error);
  return new ConnectError(`something went wrong on our side (${unexpected.code})`, Code.Internal, {
    'error-code': unexpected.code,
    ...(version === undefined ? {} : { 'x-bascule-model-version': String(version) }),
  });
}

/**
 * When to come back, in seconds for people and in the words of gRPC's own retry policies (its proposal A6). A client that
 * has such a policy waits as long as it is told: a wait of hours would end in its own deadline and hide the reason.
 */
export function waitOf(error: BasculeError): Readonly<Record<string, string>> {
  const seconds = retryAfterSecondsOf(error, error.status);
  if (seconds === undefined) return {};
  return { 'retry-after': String(seconds), 'grpc-retry-pushback-ms': seconds > maxPushbackSeconds ? '-1' : String(seconds * 1000) };
}
