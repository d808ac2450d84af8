import type { ModelSignature, TensorDatatype } from '@bascule/contracts';
import { onnx } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';

/** What a graph may have at most to run beside the requests. */
export const inlineLimits = {
  bytes: 4_000_000,
  nodes: 500,
  /** Elements of one run, all inputs together. */
  runElements: 524_288,
  /** Nodes of all trees: no row can visit more. */
  treeNodes: 60_000,
} as const;

const numbers = new Set<TensorDatatype>(['BOOL', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'FP32', 'FP64']);

/**
 * Operators whose time depends on the shapes alone, or is bounded by the size of their attributes (trees). None loops, branches,
 * calls, or makes a shape out of values, so that the largest run measured is the largest there can be.
 */
const plainOperators: Readonly<Record<string, readonly string[]>> = {
  '': `Abs Add And ArgMax ArgMin BatchNormalization Cast Ceil Clip Concat Constant Div Elu Equal Erf Exp Flatten Floor Gelu Gemm Greater
    GreaterOrEqual HardSigmoid Identity IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mul Neg
    Not Or PRelu Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Round Selu Sigmoid Sign Softmax Softplus Softsign Sqrt Squeeze Sub
    Sum Tanh Unsqueeze Where Xor`.split(/\s+/),
  'ai.onnx.ml': `ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LinearClassifier LinearRegressor Normalizer Scaler TreeEnsemble
    TreeEnsembleClassifier TreeEnsembleRegressor`.split(/\s+/),
};

/**
 * Why a model must not run in the gateway's own process, where nothing could end a run; undefined when its shapes are static
 * but for the rows and its operators are plain. How long it takes is then still to be measured.
 */
export function inlineFault(bytes: Uint8Array, { inputs, outputs }: ModelSignature): string | undefined {
  if (bytes.length > inlineLimits.bytes) return `it has ${bytes.length} bytes`;
  const texts = [...inputs, ...outputs].find(({ datatype }) => !numbers.has(datatype));
  if (texts) return `${JSON.stringify(texts.name)} is ${texts.datatype}`;
  const open = inputs.find(({ shape }) => shape[0] !== -1 || shape.slice(1).some((length) => length < 0));
  if (open) return `${JSON.stringify(open.name)} has the shape [${open.shape.join(', ')}]`;
  const elements = rowElements(inputs);
  if (elements > inlineLimits.runElements) return `a row has ${elements} elements`;
  return graphFault(fromBinary(onnx.ModelProtoSchema, bytes));
}

/** Rows that may run at once beside the requests, at most `maxRows`. */
export function inlineRows({ inputs }: ModelSignature, maxRows: number): number {
  return Math.min(maxRows, Math.floor(inlineLimits.runElements / Math.max(1, rowElements(inputs))));
}

function rowElements(inputs: ModelSignature['inputs']): number {
  return inputs.reduce((sum, { shape }) => sum + shape.slice(1).reduce((product, length) => product * length, 1), 0);
}

function graphFault({ graph, functions }: onnx.ModelProto): string | undefined {
  if (!graph || functions.length > 0) return 'it defines functions';
  if (graph.node.length > inlineLimits.nodes) return `it has ${graph.node.length} nodes`;
  let treeNodes = 0;
  for (const { domain, opType, attribute } of graph.node) {
    if (!plainOperators[domain === 'ai.onnx' ? '' : domain]?.includes(opType)) return `operator ${opType || '(none)'}`;
    if (attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0)) return `a graph within ${opType}`;
    treeNodes += attribute.find(({ name }) => name === 'nodes_modes')?.strings.length ?? 0;
    if (opType === 'TreeEnsemble') treeNodes += attribute.find(({ name }) => name === 'nodes_featureids')?.ints.length ?? 0;
  }
  return treeNodes > inlineLimits.treeNodes ? `its trees have ${treeNodes} nodes` : undefined;
}
