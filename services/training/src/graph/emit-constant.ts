import type { GraphBuilder } from './graph-builder.js';

/** The same scores for every row. @param input one of the features: it says how many rows there are */
export function emitConstant(graph: GraphBuilder, scores: ArrayLike<number>, input: string): string {
  const rows = graph.node('Gather', [graph.node('Shape', [input]), graph.integers([0])]);
  const size = graph.node('Concat', [rows, graph.integers([1])], { attributes: { axis: { integer: 0 } } });
  return graph.node('Expand', [graph.floats(scores, [1, scores.length]), size]);
}
