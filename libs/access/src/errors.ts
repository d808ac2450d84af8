import { defineError } from '@bascule/platform';

export const keyMissing = defineError({
  code: 'access.key_missing',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'No key was sent',
  remedy: 'Send Authorization: Bearer bsc_<keyId>_<secret>.',
});

export const keyUnknown = defineError({
  code: 'access.key_unknown',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The key is not valid',
  remedy: 'Check the key, or ask an administrator for a new one.',
});

export const keyRevoked = defineError({
  code: 'access.key_revoked',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The key was revoked',
  remedy: 'Ask an administrator for a new key.',
});

export const roleRequired = defineError({
  code: 'access.role_required',
  scope: 'secured',
  kind: 'forbidden',
  title: 'The key has none of the roles this needs',
  remedy: 'Use a key with one of the roles named in the detail.',
});

export const modelNotAllowed = defineError({
  code: 'access.model_not_allowed',
  scope: 'model',
  kind: 'forbidden',
  title: 'The key may not touch this model',
  remedy: 'Use a key whose model patterns cover the name.',
});

export const datasetNotAllowed = defineError({
  code: 'access.dataset_not_allowed',
  scope: 'dataset',
  kind: 'forbidden',
  title: 'The key may not touch this dataset',
  remedy: 'Use a key whose dataset patterns cover the name.',
});

const newToken = 'Get a new token from the issuer and send it.';

export const tokenMalformed = defineError({
  code: 'access.token_malformed',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token is not a readable JSON Web Token',
  remedy: 'Send a key, or a signed token of at most 16,000 characters.',
});

export const tokenAlgorithm = defineError({
  code: 'access.token_algorithm',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token is not signed by an algorithm that is accepted here',
  remedy: 'Let the issuer sign with a public-key algorithm of JWT_ALGORITHMS.',
});

export const tokenSignature = defineError({
  code: 'access.token_signature',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The signature of the token is not the one of the issuer',
  remedy: newToken,
});

export const tokenKeyUnknown = defineError({
  code: 'access.token_key_unknown',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token is signed with a key that the issuer does not publish',
  remedy: 'If the issuer has just changed its keys, try again in a few seconds; else get a new token.',
  retry: { again: 'once', when: 'After a few seconds: the keys of the issuer are read again then.' },
});

export const tokenExpired = defineError({
  code: 'access.token_expired',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token has expired',
  remedy: newToken,
  retry: { again: 'once', when: 'Once, with a new token.' },
});

export const tokenNotYetValid = defineError({
  code: 'access.token_not_yet_valid',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token is not valid yet',
  remedy: 'Wait until its time, or set the clocks of issuer and client right.',
});

export const tokenAudience = defineError({
  code: 'access.token_audience',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token was made for another system',
  remedy: 'Ask the issuer for a token with an audience of JWT_AUDIENCE.',
});

export const tokenIssuer = defineError({
  code: 'access.token_issuer',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token is of another issuer',
  remedy: 'Use a token of the issuer in JWT_ISSUER.',
});

export const tokenClaims = defineError({
  code: 'access.token_claims',
  scope: 'secured',
  kind: 'unauthenticated',
  title: 'The token lacks a claim or has one that cannot be used',
  remedy: 'Let the issuer put in the claim the detail names.',
});

export const issuerUnavailable = defineError({
  code: 'access.issuer_unavailable',
  scope: 'secured',
  kind: 'unavailable',
  title: 'The keys of the issuer could not be read since the start',
  remedy: 'Try again after the time named in Retry-After; keys of this system work meanwhile.',
});
