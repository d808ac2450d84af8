import { defineError } from '@bascule/platform';

export const idempotencyConflict = defineError({
  code: 'platform.idempotency_conflict',
  scope: 'repeatable',
  kind: 'conflict',
  title: 'The Idempotency-Key was used for another request',
  remedy: 'Use a new key for a new request; repeat a request unchanged.',
  retry: { when: 'With a new key: this one belongs to another request.', fallback: 'None: it is a fault of the client.' },
});

export const idempotencyInProgress = defineError({
  code: 'platform.idempotency_in_progress',
  scope: 'repeatable',
  kind: 'conflict',
  title: 'The request with this Idempotency-Key is still running',
  remedy: 'Wait a few seconds and repeat the request unchanged.',
  retry: {
    again: 'yes',
    when: 'Unchanged, after a few seconds: the first request is still being answered, or its gateway has just died.',
    fallback: 'Decide the case without the model, by your own rule, and say so in the decision you record.',
  },
});

export const invalidIdempotencyKey = defineError({
  code: 'platform.invalid_idempotency_key',
  scope: 'repeatable',
  kind: 'invalid',
  title: 'The Idempotency-Key is not usable',
  remedy: 'Send 1 to 200 printable ASCII characters, for example a UUID.',
});
