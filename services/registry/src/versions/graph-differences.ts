import type { ModelSignature, TensorSpec } from '@bascule/contracts';
import type { ProblemItem } from '@bascule/platform';
import type { GraphTensor, OnnxGraph } from '../artifacts/onnx-graph.js';

/** Where a signature promises what the graph does not keep; empty when serving could load the version with it. */
export function graphDifferences(signature: ModelSignature, graph: OnnxGraph): ProblemItem[] {
  const unnamed = graph.inputs.filter(({ name }) => !signature.inputs.some((spec) => spec.name === name));
  return [
    ...signature.inputs.flatMap((spec) => tensorDifferences('input', spec, graph.inputs)),
    ...unnamed.map(({ name }) => ({
      path: `signature.inputs.${name}`,
      message: `the graph wants input ${JSON.stringify(name)}, which the signature does not name`,
    })),
    ...signature.outputs.flatMap((spec) => tensorDifferences('output', spec, graph.outputs)),
  ];
}

function tensorDifferences(side: 'input' | 'output', spec: TensorSpec, tensors: readonly GraphTensor[]): ProblemItem[] {
  const message = differenceOf(
    side,
    spec,
    tensors.find(({ name }) => name === spec.name),
  );
  return message === undefined ? [] : [{ path: `signature.${side}s.${spec.name}`, message }];
}

function differenceOf(side: 'input' | 'output', spec: TensorSpec, tensor: GraphTensor | undefined): string | undefined {
  const called = `${side} ${JSON.stringify(spec.name)}`;
  if (!tensor) return `${called} of the signature is not in the graph`;
  if (!tensor.datatype) return `${called} is no tensor that can be served`;
  if (tensor.datatype !== spec.datatype) return `${called} is ${tensor.datatype} in the graph and ${spec.datatype} in the signature`;
  const { shape } = tensor;
  if (!shape || isSameForm(shape, spec.shape)) return undefined;
  return `${called} has shape [${shape.join(',')}] in the graph and [${spec.shape.join(',')}] in the signature`;
}

// sizes either side leaves open agree with any other
function isSameForm(graph: readonly number[], promised: readonly number[]): boolean {
  return graph.length === promised.length && graph.every((size, axis) => size === -1 || promised[axis] === -1 || size === promised[axis]);
}
