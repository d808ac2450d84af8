import { z } from 'zod';
import { datasetChange } from './dataset-manifest.js';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, instant, uuid } from './names.js';

const batch = { batchId: uuid, datasetName: entityName, contractName: entityName, contractVersion: z.int().min(1) };

export const batchReceived = defineEvent('ingestion.batch.received.v1', {
  about: 'A group of records arrived and its bytes are stored.',
  subject: 'batchId',
  data: z.object({
    ...batch,
    contentDigest: digest,
    contentType: z.string(),
    sizeBytes: z.int().min(0),
    origin: z.enum(['upload', 'production']),
    sentBy: z.string(),
  }),
});
export type BatchReceived = EventOf<typeof batchReceived>;

export const batchValidated = defineEvent('ingestion.batch.validated.v1', {
  about: 'A batch met its contract; rows that did not are in quarantine with their reasons.',
  subject: 'batchId',
  data: z.object({
    ...batch,
    recordCount: z.int().min(0),
    acceptedCount: z.int().min(0),
    /** Records in quarantine, with their reasons; what the contract says to drop is not among them. */
    quarantinedCount: z.int().min(0),
    /** Repetitions of other records, quarantined or dropped. */
    duplicateCount: z.int().min(0),
    /** Reason code to number of records. */
    reasons: z.record(z.string(), z.int()),
    verdict: z.enum(['accepted', 'accepted_with_quarantine']).optional(),
    /** Repetitions that the contract says to drop: accepted, quarantined and dropped are all records. */
    droppedCount: z.int().min(0).optional(),
    repairedCellCount: z.int().min(0).optional(),
    /** What looks meant to do harm, to number of records. */
    flags: z.record(z.string(), z.int()).optional(),
    /** What was missed without being a reason to reject: rules of the contract, and what the history of the dataset does not explain. */
    warnings: z.array(z.string()).optional(),
  }),
});
export type BatchValidated = EventOf<typeof batchValidated>;

export const batchRejected = defineEvent('ingestion.batch.rejected.v1', {
  about: 'A batch as a whole missed its contract; none of its rows enters a dataset version.',
  subject: 'batchId',
  data: z.object({ ...batch, recordCount: z.int().min(0), reasons: z.array(z.string()).min(1) }),
});
export type BatchRejected = EventOf<typeof batchRejected>;

export const batchResubmitted = defineEvent('ingestion.batch.resubmitted.v1', {
  about: 'The kept content of a rejected batch was sent again, as a batch of its own.',
  subject: 'batchId',
  data: z.object({ batchId: uuid, datasetName: entityName, resubmittedBatchId: uuid, reason: z.string(), resubmittedBy: z.string() }),
});
export type BatchResubmitted = EventOf<typeof batchResubmitted>;

export const quarantineSettled = defineEvent('ingestion.quarantine.settled.v1', {
  about: 'Records in quarantine were sent again, corrected or as they were, or discarded with a reason.',
  subject: 'batchId',
  data: z.object({
    batchId: uuid,
    datasetName: entityName,
    outcome: z.enum(['resubmitted', 'discarded']),
    /** Numbers of the records in the batch. */
    rows: z.array(z.int().min(1)).min(1),
    /** How many of them were changed. */
    correctedCount: z.int().min(0),
    /** The batch that carries them now; none when they were discarded. */
    resubmittedBatchId: uuid.nullable(),
    reason: z.string(),
    settledBy: z.string(),
  }),
});
export type QuarantineSettled = EventOf<typeof quarantineSettled>;

export const datasetPublished = defineEvent('ingestion.dataset.published.v1', {
  about: 'An immutable dataset version exists; its manifest lies in the object store under the version.',
  subject: 'datasetName',
  data: z.object({
    datasetName: entityName,
    datasetVersion: digest,
    parentVersion: digest.nullable(),
    contractName: entityName,
    contractVersion: z.int().min(1),
    rowCount: z.int().min(0),
    labelledCount: z.int().min(0),
    /** Labelled rows that the parent version did not have. */
    newLabelledCount: z.int().min(0),
    occurredFrom: instant,
    occurredTo: instant,
    /** None where rows were only taken out. */
    batchIds: z.array(uuid),
    /** How the version came from its parent; `append` where absent. */
    change: datasetChange.optional(),
  }),
});
export type DatasetPublished = EventOf<typeof datasetPublished>;

export const datasetProfiled = defineEvent('ingestion.dataset.profiled.v1', {
  about: 'What a dataset version holds is known, column by column; its profile lies in the object store under `profileDigest`.',
  subject: 'datasetName',
  data: z.object({
    datasetName: entityName,
    datasetVersion: digest,
    profileDigest: digest,
    rowCount: z.int().min(0),
    labelledCount: z.int().min(0),
  }),
});
export type DatasetProfiled = EventOf<typeof datasetProfiled>;

export const datasetTagged = defineEvent('ingestion.dataset.tagged.v1', {
  about: 'A name points to a dataset version, or to none any more.',
  subject: 'datasetName',
  data: z.object({
    datasetName: entityName,
    tag: z.string().min(1),
    datasetVersion: digest.nullable(),
    previousVersion: digest.nullable(),
    taggedBy: z.string(),
  }),
});
export type DatasetTagged = EventOf<typeof datasetTagged>;

export const recordsErased = defineEvent('ingestion.records.erased.v1', {
  about: "A person's records were taken out of a dataset; older versions lose their parts by retention.",
  subject: 'datasetName',
  data: z.object({
    erasureId: uuid,
    datasetName: entityName,
    /** The column the records were found by; its values are kept nowhere. */
    column: z.string(),
    removedCount: z.int().min(0),
    /** Records in quarantine and rows that waited, which are gone as well. */
    otherCount: z.int().min(0),
    /** The version without them; none where no version had them. */
    datasetVersion: digest.nullable(),
    /** Older versions whose parts are removed at `removalDueAt`. */
    affectedVersions: z.array(digest),
    removalDueAt: instant,
    reason: z.string(),
    erasedBy: z.string(),
  }),
});
export type RecordsErased = EventOf<typeof recordsErased>;
