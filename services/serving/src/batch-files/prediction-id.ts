import { repeatablePredictionIds } from '../repeats/prediction-ids.js';

/** The ids of the predictions of a batch job by the number of the row: whoever predicts a row again gives it the same. */
export function batchPredictionIds(jobId: string, version: number): (row: number) => string {
  return repeatablePredictionIds(jobId, version);
}
