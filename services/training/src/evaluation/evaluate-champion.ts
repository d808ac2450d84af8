import type { PairedComparison } from '@bascule/contracts';
import type { Target } from '../trainers/fitted-model.js';
import type { Feature, Rows } from '../trainers/row.js';
import { labelsOf } from '../trainers/rows.js';
import { type ChampionTask, comparisonFault } from './champion-task.js';
import { compareScores } from './compare-scores.js';
import { answerWithArtifact } from './onnx.runtime.js';
import { evaluateScores, metricsOf } from './performance.js';

export interface Champion {
  readonly version: number;
  readonly artifact: Uint8Array;
  /** What its inputs are called: it may know features the pipeline has dropped. */
  readonly inputs: readonly Feature[];
  readonly tells: ChampionTask;
}

export type Comparison = { readonly metrics: Record<string, number>; readonly paired: PairedComparison } | { readonly note: string };

/** The champion on the same rows; one that cannot be run, or that tells something else, is a note, not a failed run and never a figure. @param positive values that mean yes */
export async function evaluateChampion(
  champion: Champion,
  features: readonly Feature[],
  holdout: Rows,
  challenger: Float64Array,
  target: Target = { task: 'binary', classes: ['0', '1'] },
  positive: readonly string[] = [],
): Promise<Comparison> {
  const note = (reason: string) => ({ note: `champion version ${champion.version} could not be compared: ${reason}` });
  const fault = comparisonFault(champion.tells, target, positive);
  if (fault) return note(fault);
  try {
    const scores = await answerWithArtifact(champion.artifact, { features, rows: holdout }, target.task);
    if (scores.length !== challenger.length) return note('it gives another number of answers');
    const odd = scores.find((score) => !isAnswer(score, target));
    if (odd !== undefined) return note(`it answers ${odd} for a ${target.task === 'regression' ? 'number' : 'probability'}`);
    const labels = labelsOf(holdout);
    return { metrics: metricsOf(evaluateScores(scores, labels, target)), paired: compareScores(challenger, scores, labels, target) };
  } catch (error) {
    return note(error instanceof Error ? error.message : String(error));
  }
}

/** Rounding may carry a probability a little beyond its bounds. */
const slack = 1e-6;

/** Whether an answer of a model can be what it should be. */
export function isAnswer(value: number, { task }: Pick<Target, 'task'>): boolean {
  return task === 'regression' ? Number.isFinite(value) : value >= -slack && value <= 1 + slack;
}
