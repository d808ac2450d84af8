import { defineError } from '@bascule/platform';

export const contractInvalid = defineError({
  code: 'ingestion.contract_invalid',
  kind: 'unprocessable',
  title: 'The data contract cannot be used',
  remedy: 'Correct what the detail names and post the contract again.',
});

export const contractOutdated = defineError({
  code: 'ingestion.contract_outdated',
  kind: 'conflict',
  title: 'The data contract has patterns that are searched for no more, so that no batch can be judged by it',
  remedy: 'Publish the contract anew without the patterns of the detail, and send the batch again.',
});

export const contractIncompatible = defineError({
  code: 'ingestion.contract_incompatible',
  kind: 'conflict',
  title: 'The contract changes the type of a column that is in use',
  remedy: 'Keep the type and add a column under a new name, or use a new contract name.',
});

export const contractNotFound = defineError({
  code: 'ingestion.contract_not_found',
  kind: 'not_found',
  title: 'No such data contract',
  remedy: 'Post the contract first, or pick one from GET /v1/contracts.',
});

export const contractMismatch = defineError({
  code: 'ingestion.contract_mismatch',
  kind: 'conflict',
  title: 'The dataset is bound to another contract',
  remedy: 'Send the batch under the contract of the dataset, or to another dataset.',
});

export const datasetNotFound = defineError({
  code: 'ingestion.dataset_not_found',
  kind: 'not_found',
  title: 'No such dataset',
  remedy: 'A dataset comes into being with its first batch; see GET /v1/datasets.',
});

export const datasetVersionNotFound = defineError({
  code: 'ingestion.dataset_version_not_found',
  kind: 'not_found',
  title: 'No such dataset version',
  remedy: 'Pick one from GET /v1/datasets/{name}/versions.',
});

export const batchOfAnother = defineError({
  code: 'ingestion.batch_of_another',
  kind: 'forbidden',
  title: 'Somebody else sent the records of batch {id}',
  remedy: 'A client reads the records that it sent; ask a scientist or an operator for those of others.',
});

export const batchNotFound = defineError({
  code: 'ingestion.batch_not_found',
  kind: 'not_found',
  title: 'No such batch',
  remedy: 'Pick one from GET /v1/batches.',
});

export const batchNotRejected = defineError({
  code: 'ingestion.batch_not_rejected',
  kind: 'conflict',
  title: 'Only a rejected batch can be sent again as a whole',
  remedy: 'Wait for its verdict; records that wait in quarantine are sent again through the quarantine of the batch.',
});

export const unsupportedContent = defineError({
  code: 'ingestion.unsupported_content',
  kind: 'invalid',
  title: 'A batch cannot be sent as this type of content',
  remedy:
    'Send CSV, TSV, newline-delimited JSON, a JSON array or Parquet as the body, named by its Content-Type or as application/octet-stream; gzip and zstd of them are recognised.',
});

export const emptyBatch = defineError({
  code: 'ingestion.empty_batch',
  kind: 'invalid',
  title: 'The batch has no content',
  remedy: 'Send the records as the body of the request.',
});

export const publicationInvalid = defineError({
  code: 'ingestion.publication_invalid',
  kind: 'invalid',
  title: 'What the batch should do to its dataset is not clear',
  remedy: 'Send mode=append, replace or correct, or mode=window with from and to.',
});

export const tagNotFound = defineError({
  code: 'ingestion.tag_not_found',
  kind: 'not_found',
  title: 'No such tag of the dataset',
  remedy: 'List the tags of the dataset and pick one that exists.',
});

export const rowsUnreadable = defineError({
  code: 'ingestion.rows_unreadable',
  kind: 'unprocessable',
  title: 'The rows cannot be read as it was asked',
  remedy: 'Ask for what the detail says the dataset has.',
});

export const erasureInvalid = defineError({
  code: 'ingestion.erasure_invalid',
  kind: 'unprocessable',
  title: 'The records cannot be found in this way',
  remedy: 'Name a column of the contract that tells whose record it is.',
});

export const feedbackInvalid = defineError({
  code: 'ingestion.feedback_invalid',
  kind: 'unprocessable',
  title: 'The feedback rule does not fit the contract',
  remedy: 'Name columns that the contract of the dataset has.',
});

export const sourceNotFound = defineError({
  code: 'ingestion.source_not_found',
  kind: 'not_found',
  title: 'No such source',
  remedy: 'Pick one from GET /v1/sources.',
});

export const sourceExists = defineError({
  code: 'ingestion.source_exists',
  kind: 'conflict',
  title: 'A source of this name exists',
  remedy: 'Use another name; what was taken under this one stays known by it.',
});

export const sourceUnknownPlace = defineError({
  code: 'ingestion.source_unknown_place',
  kind: 'unprocessable',
  title: 'The installation does not know the place to pull from',
  remedy: 'Ask its operator to name the connection or folder in SOURCE_CONNECTIONS or SOURCE_FOLDERS.',
});

export const sourceUnavailable = defineError({
  code: 'ingestion.source_unavailable',
  kind: 'unavailable',
  title: 'The source cannot be read',
  remedy: 'See the detail; the next run tries again.',
});

export const quarantineNotWaiting = defineError({
  code: 'ingestion.quarantine_not_waiting',
  kind: 'conflict',
  title: 'Not all of these records wait in quarantine',
  remedy: 'List the quarantine of the batch with status=waiting, and choose from it.',
});

export const quarantineUncorrected = defineError({
  code: 'ingestion.quarantine_uncorrected',
  kind: 'unprocessable',
  title: 'Records that could not be read cannot be sent again as they were',
  remedy: 'Give a corrected record for each of the rows in the detail.',
});

export const lineageUnavailable = defineError({
  code: 'ingestion.lineage_unavailable',
  kind: 'unavailable',
  title: 'The server of OPENLINEAGE_URL does not take the event now',
  remedy: 'See the detail; the event is sent again for a day, then it is a dead letter that can be replayed.',
});

export const lineageRefused = defineError({
  code: 'ingestion.lineage_refused',
  kind: 'unprocessable',
  title: 'The server of OPENLINEAGE_URL refuses the event',
  remedy: 'See the detail for what it wants; replay the dead letter when it takes such events.',
});
