/** A tree by its nodes, the root first. A node without a feature is a leaf. */
export interface Tree {
  readonly nodes: readonly TreeNode[];
}

export interface Leaf {
  readonly isLeaf: true;
  /** A 32-bit float, learning rate included. */
  readonly value: number;
  readonly rows: number;
}

export interface Branch {
  readonly isLeaf: false;
  readonly feature: number;
  /** Of numbers: bins up to this one go left. */
  readonly bin: number;
  readonly missingLeft: boolean;
  /** Of texts: 256 bits, one for each bin that goes left. */
  readonly texts: Uint32Array | undefined;
  readonly left: number;
  readonly right: number;
  readonly gain: number;
  readonly rows: number;
}

export type TreeNode = Leaf | Branch;

/** Whether a bin goes left at a branch. */
export function goesLeft(branch: Branch, bin: number, missingBin: number): boolean {
  if (branch.texts) return (branch.texts[bin >> 5]! & (1 << (bin & 31))) !== 0;
  return bin === missingBin ? branch.missingLeft : bin <= branch.bin;
}

/** Adds the values of the tree's leaves to the scores of rows whose bins are known. */
export function addTree(tree: Tree, bins: readonly Uint8Array[], missingBins: readonly number[], scores: Float64Array): void {
  const { nodes } = tree;
  for (let row = 0; row < scores.length; row++) {
    let node = nodes[0]!;
    while (!node.isLeaf) node = nodes[goesLeft(node, bins[node.feature]![row]!, missingBins[node.feature]!) ? node.left : node.right]!;
    scores[row] = scores[row]! + node.value;
  }
}
