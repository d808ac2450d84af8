import { datasetChange, datasetManifest, digest, entityName, instant, uuid } from '@bascule/contracts';
import { z } from 'zod';

export const datasetView = z
  .object({ name: entityName, contractName: entityName, currentVersion: digest.nullable(), createdAt: instant, updatedAt: instant })
  .meta({ id: 'Dataset' });
export const datasetPage = z.object({ items: z.array(datasetView), nextCursor: z.string().nullable() });

export const datasetVersionView = z
  .object({
    datasetName: entityName,
    version: digest,
    sequence: z.int(),
    parentVersion: digest.nullable(),
    contractName: entityName,
    contractVersion: z.int(),
    rowCount: z.int(),
    labelledCount: z.int(),
    newLabelledCount: z.int(),
    occurredFrom: instant,
    occurredTo: instant,
    /** None where records were only taken out. */
    batchId: uuid.nullable(),
    changeKind: datasetChange.shape.kind,
    /** Records of the parent that are not in this version. */
    removedCount: z.int(),
    /** Root of the SHA-256 tree over columns and parts. */
    contentRoot: digest.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'DatasetVersion' });
export const datasetVersionPage = z.object({ items: z.array(datasetVersionView), nextCursor: z.string().nullable() });
export const datasetVersionDetail = datasetVersionView.extend({ manifest: datasetManifest }).meta({ id: 'DatasetVersionDetail' });
