import { emitConstant } from '../graph/emit-constant.js';
import type { Scorer, Target } from './fitted-model.js';
import type { Frame } from './frame.js';

/** The baseline everything must beat: every row gets the shares of the classes among the training rows, or their mean. */
export function fitPrior(frame: Frame, { task, classes }: Target): Scorer {
  const { labels } = frame;
  const sum = labels.reduce((total, label) => total + label, 0);
  const scores =
    task === 'regression'
      ? [sum / Math.max(labels.length, 1)]
      : task === 'binary'
        ? [Math.log((sum + 0.5) / (labels.length - sum + 0.5))]
        : classes.map((_, k) => Math.log(labels.reduce((count, label) => count + Number(label === k), 0.5)));
  return {
    score: ({ rowCount }) => scores.map((score) => new Float64Array(rowCount).fill(score)),
    emit: (graph, inputs) => emitConstant(graph, scores, inputs[0]!),
    metrics: {},
  };
}
