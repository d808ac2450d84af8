import { defineError } from '@bascule/platform';

export const keyMissing = defineError({
  code: 'access.key_missing',
  kind: 'unauthenticated',
  title: 'No key was sent',
  remedy: 'Send Authorization: Bearer bsc_<keyId>_<secret>.',
});

export const keyUnknown = defineError({
  code: 'access.key_unknown',
  kind: 'unauthenticated',
  title: 'The key is not valid',
  remedy: 'Check the key, or ask an administrator for a new one.',
});

export const keyRevoked = defineError({
  code: 'access.key_revoked',
  kind: 'unauthenticated',
  title: 'The key was revoked',
  remedy: 'Ask an administrator for a new key.',
});

export const roleRequired = defineError({
  code: 'access.role_required',
  kind: 'forbidden',
  title: 'The key has none of the roles this needs',
  remedy: 'Use a key with one of the roles named in the detail.',
});

export const modelNotAllowed = defineError({
  code: 'access.model_not_allowed',
  kind: 'forbidden',
  title: 'The key may not touch this model',
  remedy: 'Use a key whose model patterns cover the name.',
});

export const datasetNotAllowed = defineError({
  code: 'access.dataset_not_allowed',
  kind: 'forbidden',
  title: 'The key may not touch this dataset',
  remedy: 'Use a key whose dataset patterns cover the name.',
});
