import { defineError } from './define-error.js';

export const invalidRequest = defineError({
  code: 'platform.invalid_request',
  scope: 'input',
  kind: 'invalid',
  title: 'The request does not have the expected form',
  remedy: 'Correct the fields listed in errors and send it again.',
});

export const malformedJson = defineError({
  code: 'platform.malformed_json',
  scope: 'json',
  kind: 'invalid',
  title: 'The body is not valid JSON',
  remedy: 'Send well-formed JSON with Content-Type application/json.',
});

export const forbiddenJsonName = defineError({
  code: 'platform.forbidden_json_name',
  scope: 'json',
  kind: 'invalid',
  title: 'The JSON body has a name that is never accepted',
  remedy:
    'Leave out __proto__, and prototype inside constructor. Bodies of the inference protocol may have any name; those it does not know are ignored.',
});

export const jsonTooDeep = defineError({
  code: 'platform.json_too_deep',
  scope: 'json',
  kind: 'invalid',
  title: 'The JSON body is nested too deeply',
  remedy: 'Send a flatter document.',
});

export const malformedRequest = defineError({
  code: 'platform.malformed_request',
  scope: 'every',
  kind: 'invalid',
  title: 'The request could not be read',
  remedy: 'Check the method, the URL encoding and the headers.',
});

export const headersTooLarge = defineError({
  code: 'platform.headers_too_large',
  scope: 'every',
  kind: 'too_large',
  status: 431,
  title: 'The headers of the request are too large',
  remedy: 'Send headers of at most 16 kB in all.',
  retry: { when: 'With fewer or shorter headers.', fallback: 'Correct the caller.' },
});

export const requestTimedOut = defineError({
  code: 'platform.request_timed_out',
  scope: 'body',
  kind: 'invalid',
  status: 408,
  title: 'The request did not arrive as a whole in time',
  remedy: 'Send it again over a connection that is fast enough, or in smaller parts.',
  retry: { again: 'yes', when: 'At once; with the same `Idempotency-Key` where there was one.' },
});

export const unsupportedMediaType = defineError({
  code: 'platform.unsupported_media_type',
  scope: 'body',
  kind: 'invalid',
  status: 415,
  title: 'This content type is not accepted here',
  remedy: 'Send one of the content types named in the API description.',
});

export const bodyTooLarge = defineError({
  code: 'platform.body_too_large',
  scope: 'body',
  kind: 'too_large',
  title: 'The body is larger than allowed',
  remedy: 'Split the request into smaller ones.',
});

export const routeNotFound = defineError({
  code: 'platform.route_not_found',
  kind: 'not_found',
  title: 'There is no such address',
  remedy: 'See /openapi.json for the addresses of this service.',
});

export const methodNotAllowed = defineError({
  code: 'platform.method_not_allowed',
  kind: 'invalid',
  status: 405,
  title: 'This address does not take this method',
  remedy: 'Use one of the methods in the Allow header.',
});

export const invalidCursor = defineError({
  code: 'platform.invalid_cursor',
  scope: 'paged',
  kind: 'invalid',
  title: 'The cursor is not one this list gave out',
  remedy: 'Start again without a cursor.',
});

export const dependencyUnavailable = defineError({
  code: 'platform.dependency_unavailable',
  scope: 'every',
  kind: 'unavailable',
  title: 'Something this service needs does not answer',
  remedy: 'Try again in a few seconds; see /health/ready for what is missing.',
});
