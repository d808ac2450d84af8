import type { LinearModel } from '../linear/fit-linear.js';
import { type CategoryTerm, fillOf, mostDeviations, type NumberTerm, slopeOf } from '../linear/terms.js';
import { emitConstant } from './emit-constant.js';
import type { GraphBuilder } from './graph-builder.js';

/** Weights of some columns as a matrix with a row for each and a column for each output. */
function matrixOf(graph: GraphBuilder, { weights, outputs, terms }: LinearModel, columns: readonly number[]): string {
  const values = columns.flatMap((column) => Array.from({ length: outputs }, (_, k) => weights[k * terms.columnCount + column]!));
  return graph.floats(values, [columns.length, outputs]);
}

// the encoder refuses an empty list; a category nobody sends stands in for it
const entriesOf = <T>(entries: readonly (readonly [string, T])[], nobody: T) =>
  entries.length > 0 ? entries : [['\u0000', nobody] as const];

function emitCategory(graph: GraphBuilder, model: LinearModel, term: CategoryTerm, input: string): string {
  const columns = [...term.columns];
  if (model.outputs === 1) {
    const other = model.weights[term.otherColumn]!;
    const entries = entriesOf(
      columns.map(([category, column]) => [category, model.weights[column]!] as const),
      other,
    );
    return graph.node('LabelEncoder', [input], {
      domain: 'ai.onnx.ml',
      attributes: {
        keys_strings: { strings: entries.map(([category]) => category) },
        values_floats: { floats: entries.map(([, weight]) => weight) },
        default_float: { float: other },
      },
    });
  }
  const entries = entriesOf(
    columns.map(([category], index) => [category, index] as const),
    columns.length,
  );
  const position = graph.node('LabelEncoder', [input], {
    domain: 'ai.onnx.ml',
    attributes: {
      keys_strings: { strings: entries.map(([category]) => category) },
      values_int64s: { ints: entries.map(([, index]) => index) },
      default_int64: { integer: columns.length },
    },
  });
  const weights = matrixOf(graph, model, [...columns.map(([, column]) => column), term.otherColumn]);
  const flat = graph.node('Reshape', [position, graph.integers([-1])]);
  return graph.node('Gather', [weights, flat], { attributes: { axis: { integer: 0 } } });
}

/** Shares of the training rows in the place of a category. */
function emitShares(graph: GraphBuilder, shares: ReadonlyMap<string, number>, input: string): string {
  const entries = entriesOf([...shares], 0);
  return graph.node('LabelEncoder', [input], {
    domain: 'ai.onnx.ml',
    attributes: {
      keys_strings: { strings: entries.map(([category]) => category) },
      values_floats: { floats: entries.map(([, share]) => share) },
      default_float: { float: 0 },
    },
  });
}

/** All numbers side by side: one matrix for what they are worth, one for what is missing. */
function emitNumbers(graph: GraphBuilder, model: LinearModel, terms: readonly NumberTerm[], values: string): string {
  const row = (of: (term: NumberTerm) => number) => graph.floats(terms.map(of), [1, terms.length]);
  const missing = graph.node('IsNaN', [values]);
  let within = values;
  if (terms.some(({ clip }) => clip.min !== Number.NEGATIVE_INFINITY)) within = graph.node('Max', [within, row(({ clip }) => clip.min)]);
  if (terms.some(({ clip }) => clip.max !== Number.POSITIVE_INFINITY)) within = graph.node('Min', [within, row(({ clip }) => clip.max)]);
  if (terms.some(({ log }) => log)) {
    const logarithm = graph.node('Mul', [
      graph.node('Sign', [within]),
      graph.node('Log', [graph.node('Add', [graph.node('Abs', [within]), graph.float(1)])]),
    ]);
    const isLog = graph.node('Greater', [row(({ log }) => Number(log)), graph.float(0)]);
    within = graph.node('Where', [isLog, logarithm, within]);
  }
  const scaled = graph.node('Mul', [graph.node('Sub', [within, row(({ mean }) => mean)]), row(slopeOf)]);
  const bounded = graph.node('Min', [graph.node('Max', [scaled, graph.float(-mostDeviations)]), graph.float(mostDeviations)]);
  const filled = graph.node('Where', [missing, row(fillOf), bounded]);
  const ofValues = matrixOf(
    graph,
    model,
    terms.map(({ valueColumn }) => valueColumn),
  );
  const ofMissing = matrixOf(
    graph,
    model,
    terms.map(({ missingColumn }) => missingColumn),
  );
  return graph.node('Add', [graph.node('MatMul', [filled, ofValues]), graph.node('MatMul', [graph.cast(missing, 'FP32'), ofMissing])]);
}

/** Scores of a linear model: a column for each output. @param inputs names of the raw features */
export function emitLinear(graph: GraphBuilder, model: LinearModel, inputs: readonly string[]): string {
  const tensors: string[] = [];
  const numbers: NumberTerm[] = [];
  const parts: string[] = [graph.floats(model.intercepts, [1, model.outputs])];
  let next = 0;
  for (const [position, derivation] of model.derivations.entries()) {
    const tensor = derivation.emit(graph, inputs[position]!);
    const own = model.terms.terms.slice(next, next + derivation.parts.length);
    next += own.length;
    if (tensor === undefined) continue;
    const [first] = own;
    if (first?.kind === 'category') parts.push(emitCategory(graph, model, first, tensor));
    else {
      tensors.push(first?.kind === 'number' && first.shares ? emitShares(graph, first.shares, tensor) : tensor);
      numbers.push(...(own as NumberTerm[]));
    }
  }
  if (numbers.length > 0) {
    const values = tensors.length === 1 ? tensors[0]! : graph.node('Concat', tensors, { attributes: { axis: { integer: 1 } } });
    parts.push(emitNumbers(graph, model, numbers, values));
  }
  // texts without a term that occurs often enough leave nothing to weigh: every row is like every other
  if (parts.length === 1) return emitConstant(graph, model.intercepts, inputs[0]!);
  return graph.node('Sum', parts);
}
