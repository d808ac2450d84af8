import { type Derivation, derive, fitDerivations } from '../preparation/derivation.js';
import type { Frame } from '../trainers/frame.js';
import { releaseMemory } from '../trainers/release-memory.js';
import {
  type BoostedTrees,
  type BoostingParams,
  type BoostingTask,
  fitBoostedTrees,
  type Prepared,
  prepareRows,
  scoreTrees,
  type Watch,
} from './boosted-trees.js';

/** Boosted trees with what makes their columns from raw features. */
export interface BoostedModel {
  readonly derivations: readonly Derivation[];
  readonly trees: BoostedTrees;
}

/** Apart from the fit, so that nothing but the bins stays of the columns while trees grow. */
function prepare(frame: Frame, params: BoostingParams): { derivations: readonly Derivation[]; prepared: Prepared } {
  const derivations = fitDerivations(frame, 'trees');
  return { derivations, prepared: prepareRows(derive(derivations, frame), params) };
}

/** Prepares the rows and fits trees on them. @param rows asked for once, and not kept */
export async function fitBoosting(
  rows: () => Frame,
  task: BoostingTask,
  params: BoostingParams,
  options: { weights?: Float32Array | undefined; watch?: Watch } = {},
): Promise<BoostedModel> {
  const { derivations, prepared } = prepare(rows(), params);
  releaseMemory(prepared.grown.rowCount);
  return { derivations, trees: await fitBoostedTrees(prepared, task, params, options) };
}

/** Scores of rows, output after output. */
export function scoreBoosting({ derivations, trees }: BoostedModel, frame: Frame): Float64Array[] {
  return scoreTrees(trees, derive(derivations, frame));
}
