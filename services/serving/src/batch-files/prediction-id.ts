import { repeatablePredictionId } from '../repeats/prediction-ids.js';

/** The id of the prediction of one row of a batch job: whoever predicts the row again gives it the same. */
export function batchPredictionId(jobId: string, version: number, row: number): string {
  return repeatablePredictionId(jobId, version, row);
}
