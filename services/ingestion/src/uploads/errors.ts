import { defineError } from '@bascule/platform';
import type { UploadErrors } from '@bascule/uploads';

/** What can be wrong with an upload in pieces. */
export const uploadErrors: UploadErrors = {
  invalid: defineError({
    code: 'ingestion.upload_invalid',
    kind: 'invalid',
    title: 'The upload cannot be understood',
    remedy:
      'Send what tus 1.0 asks for: Upload-Length and Upload-Metadata (dataset, contract) to begin, Upload-Offset and application/offset+octet-stream to go on.',
  }),
  notFound: defineError({
    code: 'ingestion.upload_not_found',
    kind: 'not_found',
    title: 'No such upload',
    remedy: 'It may have expired: begin a new one by POST /v1/uploads.',
  }),
  offsetConflict: defineError({
    code: 'ingestion.upload_offset_conflict',
    kind: 'conflict',
    title: 'The upload goes on elsewhere',
    remedy: 'Ask by HEAD for the offset and send from there, one request at a time.',
  }),
  tooLarge: defineError({
    code: 'ingestion.upload_too_large',
    kind: 'too_large',
    title: 'The content is larger than this installation takes',
    remedy: 'Compress the content, send it in several batches, or raise UPLOAD_LIMIT_BYTES.',
  }),
  stalled: defineError({
    code: 'ingestion.upload_stalled',
    kind: 'deadline',
    title: 'The content stopped coming',
    remedy: 'Send it again; a resumable upload (POST /v1/uploads) goes on where it broke off.',
  }),
};
