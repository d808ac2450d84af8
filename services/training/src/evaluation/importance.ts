import type { Importance } from '@bascule/contracts';
import { seededRandom } from '@bascule/stats';
import type { Target } from '../trainers/fitted-model.js';
import type { Feature, Rows } from '../trainers/row.js';
import { lossesOf } from './compare-scores.js';
import { type Answer, withArtifact } from './onnx.runtime.js';

/** So many rows are enough to tell what matters. */
const sampledRows = 2_000;
/** More features than this are not tried one by one. */
const maxFeatures = 200;
const seed = 7;
const deviations95 = 1.96;

/** Positions from 0 in a seeded order. */
function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}

/** How much each feature matters: the loss that comes when its values are shuffled among the rows, the most important first. */
export async function importanceOf(
  artifact: Uint8Array,
  features: readonly Feature[],
  holdout: Rows,
  target: Target,
): Promise<Importance[]> {
  if (features.length > maxFeatures) return [];
  return withArtifact(artifact, (answer) => importanceBy(answer, features, holdout, target));
}

async function importanceBy(answer: Answer, features: readonly Feature[], holdout: Rows, target: Target): Promise<Importance[]> {
  const random = seededRandom(seed);
  const rows = shuffled(holdout.length, random)
    .slice(0, sampledRows)
    .map((row) => holdout.at(row)!);
  const labels = rows.map(({ label }) => label);
  const before = lossesOf(await answer({ features, rows }, target.task), labels, target);
  const found: Importance[] = [];
  for (const [position, { name }] of features.entries()) {
    const order = shuffled(rows.length, random);
    const mixed = rows.map(({ cells }, row) => ({ cells: cells.with(position, rows[order[row]!]!.cells[position]!) }));
    const after = lossesOf(await answer({ features, rows: mixed }, target.task), labels, target);
    const rises = after.map((loss, row) => loss - before[row]!);
    const mean = rises.reduce((sum, rise) => sum + rise, 0) / rows.length;
    const squares = rises.reduce((sum, rise) => sum + (rise - mean) ** 2, 0);
    const reach = deviations95 * Math.sqrt(squares / Math.max(rows.length - 1, 1) / rows.length);
    found.push({ feature: name, loss: mean, interval: [mean - reach, mean + reach] });
  }
  return found.sort((a, b) => b.loss - a.loss || (a.feature < b.feature ? -1 : 1));
}
