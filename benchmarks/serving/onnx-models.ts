import { onnx } from '@bascule/proto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { seededNormal, seededUniform } from './random.js';

type Node = MessageInitShape<typeof onnx.NodeProtoSchema>;
type Initializer = MessageInitShape<typeof onnx.TensorProtoSchema>;

const float = 1;
const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const;
const axis = { rows: 'rows' } as const;

const tensorOf = (name: string, dims: number[], next: () => number): Initializer => ({
  name,
  dataType: float,
  dims: dims.map(BigInt),
  floatData: Array.from({ length: dims.reduce((product, length) => product * length, 1) }, next),
});

const tensorInfo = (name: string, axes: readonly (number | string)[]) => {
  const dim = axes.map((length) => ({
    value: typeof length === 'number' ? { case: 'dimValue' as const, value: BigInt(length) } : { case: 'dimParam' as const, value: length },
  }));
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType: float, shape: { dim } } } } };
};

function modelBytes(graph: { node: Node[]; initializer: Initializer[]; columns: readonly number[]; outputColumns: number }): Uint8Array {
  const { node, initializer, columns, outputColumns } = graph;
  return toBinary(
    onnx.ModelProtoSchema,
    create(onnx.ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: 17n },
        { domain: 'ai.onnx.ml', version: 3n },
      ],
      graph: {
        name: 'benchmark',
        node,
        initializer,
        input: [tensorInfo('x', [axis.rows, ...columns])],
        output: [tensorInfo('y', [axis.rows, outputColumns])],
      },
    }),
  );
}

/** Softmax over one linear layer: `columns` numbers in, two probabilities out. */
export function logisticRegression(columns: number): Uint8Array {
  const next = seededNormal(1);
  return modelBytes({
    columns: [columns],
    outputColumns: 2,
    initializer: [tensorOf('w', [columns, 2], () => next() * 0.3), tensorOf('b', [2], next)],
    node: [
      { opType: 'Gemm', input: ['x', 'w', 'b'], output: ['z'] },
      { opType: 'Softmax', input: ['z'], output: ['y'] },
    ],
  });
}

/** Fully connected layers with ReLU between them, softmax at the end. Layers of one width are passed `times` times: cost without size. */
export function perceptron(layers: readonly number[], times = 1): Uint8Array {
  const next = seededNormal(2);
  const initializer: Initializer[] = [];
  const node: Node[] = [];
  let input = 'x';
  for (let layer = 1; layer < layers.length; layer++) {
    const [from, to] = [layers[layer - 1]!, layers[layer]!];
    const isLast = layer === layers.length - 1;
    initializer.push(
      tensorOf(`w${layer}`, [from, to], () => next() / Math.sqrt(from)),
      tensorOf(`b${layer}`, [to], () => 0),
    );
    for (let pass = 0; pass < (from === to ? times : 1); pass++) {
      const output = isLast ? 'y' : `h${layer}.${pass}`;
      node.push({ opType: 'Gemm', input: [input, `w${layer}`, `b${layer}`], output: [`z${layer}.${pass}`] });
      node.push({ opType: isLast ? 'Softmax' : 'Relu', input: [`z${layer}.${pass}`], output: [output] });
      input = output;
    }
  }
  return modelBytes({ columns: [layers[0]!], outputColumns: layers.at(-1)!, initializer, node });
}

/** Sum of complete binary trees over `columns` normal numbers, as a boosted ensemble predicts. */
export function treeEnsemble(columns: number, trees: number, depth: number): Uint8Array {
  const uniform = seededUniform(3);
  const normal = seededNormal(4);
  const inner = 2 ** depth - 1;
  const nodes = { tree: [] as number[], id: [] as number[], feature: [] as number[], value: [] as number[] };
  const branches = { modes: [] as string[], yes: [] as number[], no: [] as number[] };
  const leaves = { tree: [] as number[], id: [] as number[], weight: [] as number[] };
  for (let tree = 0; tree < trees; tree++) {
    for (let id = 0; id < 2 * inner + 1; id++) {
      const isLeaf = id >= inner;
      nodes.tree.push(tree);
      nodes.id.push(id);
      nodes.feature.push(isLeaf ? 0 : Math.floor(uniform() * columns));
      nodes.value.push(isLeaf ? 0 : normal());
      branches.modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
      branches.yes.push(isLeaf ? 0 : 2 * id + 1);
      branches.no.push(isLeaf ? 0 : 2 * id + 2);
      if (!isLeaf) continue;
      leaves.tree.push(tree);
      leaves.id.push(id);
      leaves.weight.push(normal() * 0.1);
    }
  }
  const ints = (name: string, values: number[]) => ({ name, type: attributeType.ints, ints: values.map(BigInt) });
  const floats = (name: string, values: number[]) => ({ name, type: attributeType.floats, floats: values });
  const text = new TextEncoder();
  const attribute = [
    ints('nodes_treeids', nodes.tree),
    ints('nodes_nodeids', nodes.id),
    ints('nodes_featureids', nodes.feature),
    floats('nodes_values', nodes.value),
    { name: 'nodes_modes', type: attributeType.strings, strings: branches.modes.map((mode) => text.encode(mode)) },
    ints('nodes_truenodeids', branches.yes),
    ints('nodes_falsenodeids', branches.no),
    ints('target_treeids', leaves.tree),
    ints('target_nodeids', leaves.id),
    ints(
      'target_ids',
      leaves.id.map(() => 0),
    ),
    floats('target_weights', leaves.weight),
    { name: 'n_targets', type: attributeType.int, i: 1n },
    { name: 'aggregate_function', type: attributeType.string, s: text.encode('SUM') },
    { name: 'post_transform', type: attributeType.string, s: text.encode('NONE') },
  ];
  const node: Node[] = [{ opType: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', input: ['x'], output: ['y'], attribute }];
  return modelBytes({ columns: [columns], outputColumns: 1, initializer: [], node });
}

/** Mean of each row of a matrix: next to no work, so that what is measured is the way in. */
export function rowMeans(side: number): Uint8Array {
  const axes = { name: 'axes', type: attributeType.ints, ints: [2n] };
  const keep = { name: 'keepdims', type: attributeType.int, i: 0n };
  return modelBytes({
    columns: [side, side],
    outputColumns: side,
    initializer: [],
    node: [{ opType: 'ReduceMean', input: ['x'], output: ['y'], attribute: [axes, keep] }],
  });
}
