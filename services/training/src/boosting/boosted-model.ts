import { type Derivation, derive, fitDerivations } from '../preparation/derivation.js';
import type { Frame } from '../trainers/frame.js';
import { type BoostedTrees, type BoostingParams, type BoostingTask, fitBoostedTrees, scoreTrees, type Watch } from './boosted-trees.js';

/** Boosted trees with what makes their columns from raw features. */
export interface BoostedModel {
  readonly derivations: readonly Derivation[];
  readonly trees: BoostedTrees;
}

/** Prepares the rows and fits trees on them. */
export async function fitBoosting(
  frame: Frame,
  task: BoostingTask,
  params: BoostingParams,
  options: { weights?: Float32Array | undefined; watch?: Watch } = {},
): Promise<BoostedModel> {
  const derivations = fitDerivations(frame, 'trees');
  return { derivations, trees: await fitBoostedTrees(derive(derivations, frame), task, params, options) };
}

/** Scores of rows, output after output. */
export function scoreBoosting({ derivations, trees }: BoostedModel, frame: Frame): Float64Array[] {
  return scoreTrees(trees, derive(derivations, frame));
}
