import type { FeatureBins } from '../boosting/bins.js';
import type { BoostedModel } from '../boosting/boosted-model.js';
import type { Branch, Tree } from '../boosting/tree.js';
import { emitConstant } from './emit-constant.js';
import type { GraphBuilder } from './graph-builder.js';

/** The attributes of a tree ensemble, entry by entry. */
class Ensemble {
  readonly treeIds: number[] = [];
  readonly nodeIds: number[] = [];
  readonly featureIds: number[] = [];
  readonly modes: string[] = [];
  readonly values: number[] = [];
  readonly trueIds: number[] = [];
  readonly falseIds: number[] = [];
  readonly missingTrue: number[] = [];
  readonly leaves: { tree: number; node: number; output: number; weight: number }[] = [];
  private treeCount = 0;

  constructor(private readonly bins: readonly FeatureBins[]) {}

  add(tree: Tree, output: number): void {
    const id = this.treeCount++;
    let spare = tree.nodes.length;
    for (const [node, own] of tree.nodes.entries()) {
      if (own.isLeaf) {
        this.node(id, node, { mode: 'LEAF', feature: 0, value: 0, whenTrue: 0, whenFalse: 0, missingTrue: false });
        this.leaves.push({ tree: id, node, output, weight: own.value });
      } else if (own.texts) {
        spare = this.texts(id, node, own, spare);
      } else {
        const thresholds = this.bins[own.feature]!;
        if (thresholds.kind !== 'numbers') throw new Error('a number is split as a text');
        // the last bin has no bound: only what is missing lies beyond it
        const value = thresholds.thresholds[own.bin] ?? Number.POSITIVE_INFINITY;
        const { feature, left, right, missingLeft } = own;
        this.node(id, node, { mode: 'BRANCH_LEQ', feature, value, whenTrue: left, whenFalse: right, missingTrue: missingLeft });
      }
    }
  }

  /**
   * A set of texts is a row of questions for one text each, all with the same way out: the form that converters of LightGBM
   * write and that the runtime turns into one question.
   * @returns the next free number of a node
   */
  private texts(tree: number, node: number, branch: Branch, spare: number): number {
    const codes = Array.from({ length: 256 }, (_, bin) => bin).filter((bin) => (branch.texts![bin >> 5]! >>> (bin & 31)) & 1);
    const others = Array.from(
      { length: (this.bins[branch.feature] as { bins: ReadonlyMap<string, number> }).bins.size + 1 },
      (_, bin) => bin,
    );
    // unseen texts have bin 0: the side they go to is the one that is not spelled out
    const hasOther = codes.includes(0);
    const spelled = hasOther ? others.filter((bin) => !codes.includes(bin)) : codes;
    const whenTrue = hasOther ? branch.right : branch.left;
    const rest = hasOther ? branch.left : branch.right;
    let next = spare;
    for (const [index, value] of spelled.entries()) {
      const isLast = index === spelled.length - 1;
      const own = index === 0 ? node : next++;
      this.node(tree, own, {
        mode: 'BRANCH_EQ',
        feature: branch.feature,
        value,
        whenTrue,
        whenFalse: isLast ? rest : next,
        missingTrue: false,
      });
    }
    return next;
  }

  private node(
    tree: number,
    node: number,
    of: { mode: string; feature: number; value: number; whenTrue: number; whenFalse: number; missingTrue: boolean },
  ): void {
    this.treeIds.push(tree);
    this.nodeIds.push(node);
    this.featureIds.push(of.feature);
    this.modes.push(of.mode);
    this.values.push(of.value);
    this.trueIds.push(of.whenTrue);
    this.falseIds.push(of.whenFalse);
    this.missingTrue.push(Number(of.missingTrue));
  }
}

function emitFeature(graph: GraphBuilder, bins: FeatureBins, input: string): string {
  if (bins.kind === 'numbers') return input;
  const entries = bins.bins.size > 0 ? [...bins.bins] : [['\u0000', 0] as const];
  return graph.node('LabelEncoder', [input], {
    domain: 'ai.onnx.ml',
    attributes: {
      keys_strings: { strings: entries.map(([text]) => text) },
      values_floats: { floats: entries.map(([, bin]) => bin) },
      default_float: { float: 0 },
    },
  });
}

/** Scores of boosted trees: a column for each output. @param inputs names of the raw features */
export function emitTrees(graph: GraphBuilder, { derivations, trees }: BoostedModel, inputs: readonly string[]): string {
  const tensors: string[] = [];
  let next = 0;
  for (const [position, derivation] of derivations.entries()) {
    const tensor = derivation.emit(graph, inputs[position]!);
    const first = trees.bins[next];
    next += derivation.parts.length;
    if (tensor !== undefined && first) tensors.push(emitFeature(graph, first, tensor));
  }
  // texts without a term that occurs often enough leave nothing to ask: every row is like every other
  if (tensors.length === 0) return emitConstant(graph, trees.base, inputs[0]!);
  const matrix = tensors.length === 1 ? tensors[0]! : graph.node('Concat', tensors, { attributes: { axis: { integer: 1 } } });
  const ensemble = new Ensemble(trees.bins);
  for (const round of trees.rounds) for (const [output, tree] of round.entries()) if (tree) ensemble.add(tree, output);
  if (ensemble.leaves.length === 0) ensemble.add({ nodes: [{ isLeaf: true, value: 0, rows: 0 }] }, 0);
  const { leaves } = ensemble;
  const sum = graph.node('TreeEnsembleRegressor', [matrix], {
    domain: 'ai.onnx.ml',
    attributes: {
      n_targets: { integer: trees.outputs },
      nodes_treeids: { ints: ensemble.treeIds },
      nodes_nodeids: { ints: ensemble.nodeIds },
      nodes_featureids: { ints: ensemble.featureIds },
      nodes_modes: { strings: ensemble.modes },
      nodes_values: { floats: ensemble.values },
      nodes_truenodeids: { ints: ensemble.trueIds },
      nodes_falsenodeids: { ints: ensemble.falseIds },
      nodes_missing_value_tracks_true: { ints: ensemble.missingTrue },
      target_treeids: { ints: leaves.map(({ tree }) => tree) },
      target_nodeids: { ints: leaves.map(({ node }) => node) },
      target_ids: { ints: leaves.map(({ output }) => output) },
      target_weights: { floats: leaves.map(({ weight }) => weight) },
    },
  });
  const scaled = trees.scale === 1 ? sum : graph.node('Mul', [sum, graph.float(trees.scale)]);
  return graph.node('Add', [scaled, graph.floats(trees.base, [1, trees.outputs])]);
}
