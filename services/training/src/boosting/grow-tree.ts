import { type Board, candidateAt, candidateSize, nodeAt, nodeSize } from './board.js';
import type { Crew } from './crew.js';
import { leafValue } from './find-split.js';
import { partitionRows } from './partition.js';
import type { Tree, TreeNode } from './tree.js';
import { commands, controlAt, leavesFrom } from './work.js';

export interface GrowthLimits {
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly learningRate: number;
}

interface Candidate {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
  readonly texts: Uint32Array | undefined;
}

interface Growing {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly lower: number;
  readonly upper: number;
  slot: number;
  split?: Candidate | undefined;
}

/** Grows trees on the rows of a board, best split first. */
export class TreeGrower {
  private readonly slots: number[];
  private readonly scratch: Int32Array;

  constructor(
    private readonly board: Board,
    private readonly crew: Crew,
    private readonly limits: GrowthLimits,
  ) {
    this.slots = Array.from({ length: board.shape.slotCount }, (_, slot) => slot).reverse();
    this.scratch = new Int32Array(board.shape.rowCount);
  }

  /** One tree for an output, its values added to the scores of the rows; undefined when no split gains anything. */
  grow(output: number): Tree | undefined {
    const { rowCount } = this.board.shape;
    for (let row = 0; row < rowCount; row++) this.board.rows[row] = row;
    const nodes: (TreeNode | undefined)[] = [undefined];
    const root = this.startRoot(output);
    const leaves: Growing[] = [];
    const open: Growing[] = root.split ? [root] : [];
    if (!root.split) leaves.push(root);
    while (open.length > 0) {
      if (open.length + leaves.length >= this.limits.maxLeaves) {
        leaves.push(...open.splice(0));
        break;
      }
      const node = takeBest(open);
      for (const child of this.split(output, node, nodes, leaves.length + open.length + 2 < this.limits.maxLeaves)) {
        (child.split ? open : leaves).push(child);
      }
    }
    for (const { slot } of leaves) this.release(slot);
    if (nodes.length === 1) return undefined;
    this.finish(output, leaves, nodes);
    return { nodes: nodes as TreeNode[] };
  }

  private startRoot(output: number): Growing {
    const { gradients, hessians, shape } = this.board;
    let gradient = 0;
    let hessian = 0;
    for (let at = output * shape.rowCount, end = at + shape.rowCount; at < end; at++) {
      gradient += gradients[at]!;
      hessian += hessians[at]!;
    }
    const bounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
    const root: Growing = { id: 0, start: 0, end: shape.rowCount, depth: 0, gradient, hessian, ...bounds, slot: this.take() };
    this.describe(root, 0);
    this.sum(output, root, -1, 1, 0);
    root.split = this.bestOf(0);
    return root;
  }

  /** Splits a node in two, and looks for the best splits of both when more leaves may grow. */
  private split(output: number, node: Growing, nodes: (TreeNode | undefined)[], isGoingOn: boolean): readonly Growing[] {
    const { rows, bins, shape } = this.board;
    const split = node.split!;
    const { missingBin, monotone } = shape.features[split.feature]!;
    const range = { start: node.start, end: node.end };
    const cut = node.start + partitionRows(rows, this.scratch, range, bins[split.feature]!, split, missingBin);
    const depth = node.depth + 1;
    const rest = { gradient: node.gradient - split.gradient, hessian: node.hessian - split.hessian };
    const [leftBounds, rightBounds] = this.boundsOf(node, split, rest, monotone);
    const id = nodes.length;
    const { gradient, hessian } = split;
    const left: Growing = { id, start: node.start, end: cut, depth, gradient, hessian, ...leftBounds, slot: -1 };
    const right: Growing = { id: id + 1, start: cut, end: node.end, depth, ...rest, ...rightBounds, slot: -1 };
    nodes.push(undefined, undefined);
    const { feature, bin, missingLeft, texts, gain } = split;
    const rowCount = node.end - node.start;
    nodes[node.id] = { isLeaf: false, feature, bin, missingLeft, texts, left: id, right: id + 1, gain, rows: rowCount };
    const mayGrow = [left, right].map((child) => isGoingOn && this.maySplit(child));
    if (!mayGrow[0] && !mayGrow[1]) {
      this.release(node.slot);
      return [left, right];
    }
    this.describe(left, 0);
    this.describe(right, 1);
    const smaller = left.end - left.start <= right.end - right.start ? 0 : 1;
    const built = smaller === 0 ? left : right;
    const other = smaller === 0 ? right : left;
    built.slot = this.take();
    other.slot = node.slot;
    this.sum(output, built, other.slot, (mayGrow[0] ? 1 : 0) | (mayGrow[1] ? 2 : 0), smaller);
    if (mayGrow[0]) left.split = this.bestOf(0);
    if (mayGrow[1]) right.split = this.bestOf(1);
    return [left, right];
  }

  private maySplit({ start, end, depth }: Growing): boolean {
    return end - start >= 2 * this.board.shape.limits.minRowsInLeaf && depth < this.limits.maxDepth;
  }

  private boundsOf(node: Growing, split: Candidate, rest: { gradient: number; hessian: number }, monotone: number) {
    const { lower, upper } = node;
    if (monotone === 0)
      return [
        { lower, upper },
        { lower, upper },
      ] as const;
    const { l2 } = this.board.shape.limits;
    const low = leafValue(split.gradient, split.hessian, l2, lower, upper);
    const high = leafValue(rest.gradient, rest.hessian, l2, lower, upper);
    const middle = (low + high) / 2;
    if (monotone > 0)
      return [
        { lower, upper: middle },
        { lower: middle, upper },
      ] as const;
    return [
      { lower: middle, upper },
      { lower, upper: middle },
    ] as const;
  }

  private finish(output: number, leaves: Growing[], nodes: (TreeNode | undefined)[]): void {
    const { control, numbers, shape } = this.board;
    leaves.sort((a, b) => a.start - b.start);
    for (const [index, { id, start, end, gradient, hessian, lower, upper }] of leaves.entries()) {
      const value = Math.fround(leafValue(gradient, hessian, shape.limits.l2, lower, upper) * this.limits.learningRate);
      nodes[id] = { isLeaf: true, value, rows: end - start };
      numbers[leavesFrom + 2 * index] = start;
      numbers[leavesFrom + 2 * index + 1] = value;
    }
    control[controlAt.leafCount] = leaves.length;
    control[controlAt.output] = output;
    this.crew.order(commands.add);
  }

  private describe({ gradient, hessian, start, end, lower, upper }: Growing, which: 0 | 1): void {
    const { numbers } = this.board;
    const at = which * nodeSize;
    numbers[at + nodeAt.gradient] = gradient;
    numbers[at + nodeAt.hessian] = hessian;
    numbers[at + nodeAt.rows] = end - start;
    numbers[at + nodeAt.lower] = lower;
    numbers[at + nodeAt.upper] = upper;
  }

  private sum(output: number, built: Growing, parentSlot: number, searched: number, builtIs: 0 | 1): void {
    const { control } = this.board;
    control[controlAt.output] = output;
    control[controlAt.builtSlot] = built.slot;
    control[controlAt.start] = built.start;
    control[controlAt.end] = built.end;
    control[controlAt.parentSlot] = parentSlot;
    control[controlAt.searched] = searched;
    control[controlAt.builtIs] = builtIs;
    this.crew.order(commands.node);
  }

  /** The best of what the threads found; of equals, the feature that comes first. */
  private bestOf(which: 0 | 1): Candidate | undefined {
    const { candidates, shape } = this.board;
    let best = -1;
    for (let thread = 0; thread < shape.threads; thread++) {
      const at = (thread * 2 + which) * candidateSize;
      const feature = candidates[at + candidateAt.feature]!;
      if (feature < 0) continue;
      const isBetter =
        best < 0 ||
        candidates[at]! > candidates[best]! ||
        (candidates[at] === candidates[best] && feature < candidates[best + candidateAt.feature]!);
      if (isBetter) best = at;
    }
    if (best < 0) return undefined;
    const feature = candidates[best + candidateAt.feature]!;
    return {
      gain: candidates[best]!,
      feature,
      bin: candidates[best + candidateAt.bin]!,
      missingLeft: candidates[best + candidateAt.missingLeft] === 1,
      gradient: candidates[best + candidateAt.gradient]!,
      hessian: candidates[best + candidateAt.hessian]!,
      rows: candidates[best + candidateAt.rows]!,
      texts: shape.features[feature]!.isText
        ? Uint32Array.from(candidates.subarray(best + candidateAt.words, best + candidateAt.words + 8))
        : undefined,
    };
  }

  private take(): number {
    const slot = this.slots.pop();
    if (slot === undefined) throw new Error('no room for another histogram');
    return slot;
  }

  private release(slot: number): void {
    if (slot >= 0) this.slots.push(slot);
  }
}

/** Takes out the node whose split gains most; of equals, the oldest. */
function takeBest(open: Growing[]): Growing {
  let best = 0;
  for (let i = 1; i < open.length; i++) if (open[i]!.split!.gain > open[best]!.split!.gain) best = i;
  return open.splice(best, 1)[0]!;
}
