import type { Board } from './board.js';

/** A row that is certain still gets a little curvature, so that no leaf divides by nothing. */
const smallestHessian = 1e-16;

function logistic({ raw, labels, weights, gradients, hessians }: Board, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    // 1 over infinity is 0, as it should be
    const probability = 1 / (1 + Math.exp(-raw[row]!));
    const weight = weights ? weights[row]! : 1;
    gradients[row] = weight * (probability - labels[row]!);
    hessians[row] = weight * Math.max(probability * (1 - probability), smallestHessian);
  }
}

function squared({ raw, labels, weights, gradients, hessians }: Board, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const weight = weights ? weights[row]! : 1;
    gradients[row] = weight * (raw[row]! - labels[row]!);
    hessians[row] = weight;
  }
}

function softmax({ raw, labels, weights, gradients, hessians, shape }: Board, from: number, to: number): void {
  const { rowCount, outputs } = shape;
  for (let row = from; row < to; row++) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < outputs; k++) highest = Math.max(highest, raw[k * rowCount + row]!);
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += Math.exp(raw[k * rowCount + row]! - highest);
    const weight = weights ? weights[row]! : 1;
    for (let k = 0; k < outputs; k++) {
      const at = k * rowCount + row;
      const probability = Math.exp(raw[at]! - highest) / sum;
      gradients[at] = weight * (probability - (labels[row] === k ? 1 : 0));
      hessians[at] = weight * Math.max(probability * (1 - probability), smallestHessian);
    }
  }
}

const losses = { logistic, squared, softmax } as const;

/** First and second derivative of the loss by the score, for the rows of one range. */
export function computeGradients(board: Board, from: number, to: number): void {
  losses[board.shape.loss](board, from, to);
}
