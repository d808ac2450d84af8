import { createHash } from 'node:crypto';
import type { Job } from './job.schema.js';

/** The same data and model give the same seed. */
export function seedOf({ datasetVersion, modelName }: Pick<Job, 'datasetVersion' | 'modelName'>): number {
  return createHash('sha256').update(`${datasetVersion}/${modelName}`).digest().readUInt32BE() >>> 1;
}
