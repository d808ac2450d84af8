// not all of the platform: a trainer process needs the store and nothing else of it
import { defineError } from '@bascule/platform/define-error';

export const objectNotFound = defineError({
  code: 'storage.object_not_found',
  kind: 'not_found',
  title: 'No such object',
  remedy: 'Check the digest, and that every service uses the same object store.',
});

export const objectCorrupt = defineError({
  code: 'storage.object_corrupt',
  kind: 'unavailable',
  title: 'The stored bytes do not have the digest they are named by',
  remedy: 'Restore the object from a backup, or delete it and send it again.',
});

export const digestInvalid = defineError({
  code: 'storage.digest_invalid',
  kind: 'invalid',
  title: 'Not a SHA-256 digest',
  remedy: 'Name objects by 64 lower-case hex digits.',
});
