import type { ModelSignature, TensorSpec } from '@bascule/contracts';
import type { Graph, GraphTensor } from './frame.js';

/** Compares the promised signature with the loaded graph; what parts them are reasons to refuse the model. */
export function signatureFaults(signature: ModelSignature, graph: Graph): string[] {
  const missing = graph.inputs.filter(({ name }) => !signature.inputs.some((spec) => spec.name === name));
  return [
    ...signature.inputs.flatMap((spec) => tensorFaults('input', spec, graph.inputs)),
    ...missing.map(({ name }) => `the graph wants input ${JSON.stringify(name)}, which the signature does not name`),
    ...signature.outputs.flatMap((spec) => tensorFaults('output', spec, graph.outputs)),
  ];
}

function tensorFaults(side: string, spec: TensorSpec, tensors: readonly GraphTensor[]): string[] {
  const called = `${side} ${JSON.stringify(spec.name)}`;
  const tensor = tensors.find(({ name }) => name === spec.name);
  if (!tensor) return [`${called} of the signature is not in the graph`];
  if (!tensor.datatype) return [`${called} is no tensor that can be carried: a map, a sequence, BF16 or the like`];
  if (tensor.datatype !== spec.datatype) return [`${called} is ${tensor.datatype} in the graph and ${spec.datatype} in the signature`];
  return [];
}
