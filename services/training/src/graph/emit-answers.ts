import type { ModelSignature, ModelTask } from '@bascule/contracts';
import type { Calibration } from '../calibration/calibrate.js';
import { datatypeOf, type Feature } from '../trainers/row.js';
import type { GraphBuilder } from './graph-builder.js';

const axis = { attributes: { axis: { integer: 1 } } };

/** Lines between the points: each adds its rise, or as much of it as lies below the score. */
function emitIsotonic(graph: GraphBuilder, { logits, probabilities }: Extract<Calibration, { kind: 'isotonic' }>, scores: string): string {
  const rises = probabilities.slice(1).map((probability, i) => probability - probabilities[i]!);
  const first = graph.float(probabilities[0]!);
  // nothing but one point: whatever the score, its probability
  if (rises.length === 0)
    return graph.node('Add', [graph.node('Mul', [graph.node('Sign', [graph.node('Abs', [scores])]), graph.float(0)]), first]);
  const row = (values: readonly number[]) => graph.floats(values, [1, values.length]);
  const widths = logits.slice(1).map((logit, i) => logit - logits[i]!);
  const share = graph.node('Div', [graph.node('Sub', [scores, row(logits.slice(0, -1))]), row(widths)]);
  const within = graph.node('Min', [graph.node('Max', [share, graph.float(0)]), graph.float(1)]);
  return graph.node('Add', [graph.node('MatMul', [within, graph.floats(rises, [rises.length, 1])]), first]);
}

function emitPositive(graph: GraphBuilder, calibration: Calibration, scores: string): string {
  if (calibration.kind === 'isotonic') return emitIsotonic(graph, calibration, scores);
  if (calibration.kind !== 'platt') return graph.node('Sigmoid', [scores]);
  const stretched = graph.node('Mul', [scores, graph.float(calibration.slope)]);
  return graph.node('Sigmoid', [graph.node('Add', [stretched, graph.float(calibration.intercept)])]);
}

function emitBinary(graph: GraphBuilder, calibration: Calibration, scores: string): void {
  const positive = emitPositive(graph, calibration, scores);
  const negative = graph.node('Sub', [graph.float(1), positive]);
  graph.node('Concat', [negative, positive], { ...axis, as: 'probabilities' });
  const chosen = graph.cast(graph.node('Greater', [positive, graph.float(0.5)]), 'INT64');
  graph.node('Reshape', [chosen, graph.integers([-1])], { as: 'label' });
}

function emitClasses(graph: GraphBuilder, calibration: Calibration, scores: string): void {
  const scaled = calibration.kind === 'temperature' ? graph.node('Mul', [scores, graph.float(calibration.factor)]) : scores;
  graph.node('Softmax', [scaled], { ...axis, as: 'probabilities' });
  graph.node('ArgMax', ['probabilities'], { attributes: { axis: { integer: 1 }, keepdims: { integer: 0 } }, as: 'label' });
}

/** What a model of this kind answers, from its scores. */
export function emitAnswers(graph: GraphBuilder, task: ModelTask, classCount: number, calibration: Calibration, scores: string): void {
  if (task === 'regression') {
    graph.node('Reshape', [scores, graph.integers([-1])], { as: 'value' });
    graph.output('value', 'FP32', [-1]);
    return;
  }
  if (task === 'binary') emitBinary(graph, calibration, scores);
  else emitClasses(graph, calibration, scores);
  graph.output('label', 'INT64', [-1]);
  graph.output('probabilities', 'FP32', [-1, classCount]);
}

/** What a client sends to and gets from a model with these features. @param classes of a model of several classes, by position */
export function signatureOf(features: readonly Feature[], task: ModelTask = 'binary', classes: readonly string[] = []): ModelSignature {
  const kindOf = ({ kind }: Feature) => {
    if (kind === 'text') return {};
    return { kind: kind === 'categorical' ? ('categorical' as const) : ('numeric' as const) };
  };
  const inputs = features.map((feature) => ({ name: feature.name, ...kindOf(feature), datatype: datatypeOf(feature), shape: [-1, 1] }));
  if (task === 'regression') return { inputs, outputs: [{ name: 'value', datatype: 'FP32', shape: [-1] }] };
  const named = classes.length > 0 ? { label: { classes: [...classes] }, probabilities: { columns: [...classes] } } : {};
  return {
    inputs,
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1], ...named.label },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, Math.max(classes.length, 2)], ...named.probabilities },
    ],
  };
}
