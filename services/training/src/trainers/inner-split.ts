import { seededRandom } from '@bascule/stats';
import type { Rows } from './row.js';
import { pick } from './rows.js';
import { minRows, type Split } from './split.js';

/** Share of the training part, its latest rows, that trials are judged on. */
const judgedShare = 0.25;
const seed = 20_011;

/**
 * The split of a trial: learns from the earlier part of the training rows and is judged on their latest part, so that the
 * hold-out decides nothing about parameters. The same rows and share always give the same split.
 * @param trial.rows share of the earlier part that it may learn from
 */
export function innerSplit({ training, excludedCount }: Split, { rows }: { readonly rows: number }): Split {
  const cut = Math.max(1, Math.min(training.length - 1, Math.floor(training.length * (1 - judgedShare))));
  const earlier = training.slice(0, cut);
  return { outcome: 'split', training: rows < 1 ? shareOf(earlier, rows) : earlier, holdout: training.slice(cut), excludedCount };
}

/** A share of the rows in their order; a larger share holds all rows of a smaller one. */
function shareOf(rows: Rows, share: number): Rows {
  const wanted = Math.min(rows.length, Math.max(minRows.training, Math.ceil(rows.length * share)));
  const random = seededRandom(seed);
  const ranks = Float64Array.from({ length: rows.length }, random);
  const order = Uint32Array.from(ranks.keys()).sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  return pick(rows, order.slice(0, wanted).sort());
}
