import { defineError } from '@bascule/platform';

export const contentRemoved = defineError({
  code: 'ingestion.content_removed',
  kind: 'unavailable',
  title: 'The content was removed while it was taken',
  remedy: 'Send it again: the same content had been erased, and its time to be removed was over just then.',
});
