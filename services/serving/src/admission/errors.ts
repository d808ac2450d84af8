import { defineError } from '@bascule/platform';

export const rateLimited = defineError({
  code: 'serving.rate_limited',
  kind: 'throttled',
  title: 'The key sends more requests per second than it may',
  remedy: 'Send again after the time named in Retry-After, and no faster than the limit of the key.',
});

export const quotaExhausted = defineError({
  code: 'serving.quota_exhausted',
  kind: 'throttled',
  title: 'The key has had the rows it may have today',
  remedy: 'Send again after midnight UTC, which is in Retry-After seconds, or ask an administrator for a larger quota.',
  retry: {
    when: 'After `Retry-After`, that is after midnight UTC.',
    fallback: 'Ask an administrator for a larger quota; until then decide without the model.',
  },
});

export const tooManyConcurrent = defineError({
  code: 'serving.too_many_concurrent',
  kind: 'throttled',
  title: 'The key has as many requests under way as it may have',
  remedy: 'Wait for an answer before the next request, or use fewer connections.',
  retry: { when: 'When one of your own requests has been answered.' },
});

export const rowsBeyondQuota = defineError({
  code: 'serving.rows_beyond_quota',
  kind: 'too_large',
  title: 'The request has more rows than the key may have in a whole day',
  remedy: 'Split the request, or ask an administrator for a larger quota.',
  retry: { fallback: 'Ask an administrator for a larger quota.' },
});
