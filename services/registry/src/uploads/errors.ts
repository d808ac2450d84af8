import { defineError } from '@bascule/platform';
import type { UploadErrors } from '@bascule/uploads';

/** What can be wrong with an upload in pieces. */
export const uploadErrors: UploadErrors = {
  invalid: defineError({
    code: 'registry.upload_invalid',
    kind: 'invalid',
    title: 'The upload is not one of tus 1.0',
    remedy: 'Correct the header that detail names; see https://tus.io.',
  }),
  notFound: defineError({
    code: 'registry.upload_not_found',
    kind: 'not_found',
    title: 'No such upload of yours',
    remedy: 'Begin a new upload.',
  }),
  offsetConflict: defineError({
    code: 'registry.upload_offset_conflict',
    kind: 'conflict',
    title: 'The upload does not go on there',
    remedy: 'Ask for Upload-Offset by HEAD and send from there.',
  }),
  tooLarge: defineError({
    code: 'registry.upload_too_large',
    kind: 'too_large',
    title: 'The model file is larger than allowed, or empty, or longer than announced',
    remedy: 'Make the model smaller, or have ARTIFACT_MAX_BYTES raised.',
  }),
  stalled: defineError({
    code: 'registry.upload_stalled',
    kind: 'deadline',
    title: 'The content stopped coming',
    remedy: 'Ask for Upload-Offset by HEAD and send from there.',
  }),
};
