import { defineError } from '@bascule/platform';

export const batchJobNotFound = defineError({
  code: 'serving.batch_job_not_found',
  kind: 'not_found',
  title: 'No such batch job',
  remedy: 'GET /v1/batch-jobs lists those you may see.',
});

export const batchInputUnfit = defineError({
  code: 'serving.batch_input_unfit',
  kind: 'unprocessable',
  title: 'The input does not have what the model takes',
  remedy: 'The detail names the columns; `mapping` says which column is which feature.',
});

export const batchInputTooLarge = defineError({
  code: 'serving.batch_input_too_large',
  kind: 'too_large',
  title: 'The input is larger than a batch job may be',
  remedy: 'Send it in several jobs, or raise BATCH_MAX_BYTES and BATCH_MAX_ROWS.',
});

export const batchInputBroken = defineError({
  code: 'serving.batch_input_broken',
  kind: 'invalid',
  title: 'The body ended early or is not packed as it says',
  remedy: 'Send the whole file, with the Content-Encoding it has.',
});

export const tooManyBatchJobs = defineError({
  code: 'serving.too_many_batch_jobs',
  kind: 'throttled',
  title: 'The key has too many batch jobs that have not ended',
  remedy: 'Wait until one has ended, or cancel one.',
  retry: { when: 'When one of your own jobs has ended.', fallback: 'Keep the file; nothing of it was taken.' },
});

export const batchJobEnded = defineError({
  code: 'serving.batch_job_ended',
  kind: 'conflict',
  title: 'The batch job has already ended',
  remedy: 'Read the job; submit another one.',
});

export const batchResultMissing = defineError({
  code: 'serving.batch_result_missing',
  kind: 'not_found',
  title: 'The batch job has no results to give',
  remedy: 'Read the job: it runs still, did not succeed, or its results were removed after BATCH_RESULT_DAYS.',
});

export const datasetVersionNotFound = defineError({
  code: 'serving.dataset_version_not_found',
  kind: 'not_found',
  title: 'No such dataset version',
  remedy: 'List the versions of the dataset with ingestion.',
});

export const batchPieceUnsafe = defineError({
  code: 'serving.batch_piece_unsafe',
  kind: 'unprocessable',
  title: 'The model answered none of the rows of a piece: all of them took its process down',
  remedy: 'Find the fault of the model, or what all these rows have in common; rows here and there are told one by one.',
  retry: { when: 'As a new job, once the model can answer.' },
});

export const batchPieceUnreadable = defineError({
  code: 'serving.batch_piece_unreadable',
  kind: 'unavailable',
  title: 'A file of a batch job has a form that this release does not read',
  remedy: 'Let a gateway of the release that wrote it work on it, or submit the job again; `bascule dead-letters` shows the piece.',
  retry: { when: 'As a new job.' },
});

export const captureOffForbidden = defineError({
  code: 'serving.capture_off_forbidden',
  kind: 'forbidden',
  title: 'Only operators may leave the rows of a batch job uncaptured',
  remedy: 'Leave `capture` out, or use the key of an operator.',
});

export const batchInputRemoved = defineError({
  code: 'serving.batch_input_removed',
  kind: 'unavailable',
  title: 'The same input was removed together with another job in this moment',
  remedy: 'Send it again.',
});
