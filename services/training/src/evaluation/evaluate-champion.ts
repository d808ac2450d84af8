import type { PairedComparison } from '@bascule/contracts';
import type { Target } from '../trainers/fitted-model.js';
import type { Feature, Row } from '../trainers/row.js';
import { compareScores } from './compare-scores.js';
import { answerWithArtifact } from './onnx.runtime.js';
import { evaluateScores, metricsOf } from './performance.js';

export interface Champion {
  readonly version: number;
  readonly artifact: Uint8Array;
  /** What its inputs are called: it may know features the pipeline has dropped. */
  readonly inputs: readonly Feature[];
}

export type Comparison = { readonly metrics: Record<string, number>; readonly paired: PairedComparison } | { readonly note: string };

/** The champion on the same rows; one that cannot be run is a note, not a failed run. */
export async function evaluateChampion(
  champion: Champion,
  features: readonly Feature[],
  holdout: readonly Row[],
  challenger: Float64Array,
  target: Target = { task: 'binary', classes: ['0', '1'] },
): Promise<Comparison> {
  try {
    const scores = await answerWithArtifact(champion.artifact, { features, rows: holdout }, target.task);
    if (scores.length !== challenger.length) throw new Error('it tells something else');
    const labels = holdout.map((row) => row.label);
    return { metrics: metricsOf(evaluateScores(scores, labels, target)), paired: compareScores(challenger, scores, labels, target) };
  } catch (error) {
    return {
      note: `champion version ${champion.version} could not be compared: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
