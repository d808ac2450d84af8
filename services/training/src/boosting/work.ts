import type { Board } from './board.js';
import { SplitSearch } from './find-split.js';
import { computeGradients } from './gradients.js';
import { type Desk, newDesk, subtractHistograms, sumHistograms } from './histogram.js';

/** Where the parts of an order stand in the control block. */
export const controlAt = {
  sequence: 0,
  done: 1,
  command: 2,
  output: 3,
  builtSlot: 4,
  start: 5,
  end: 6,
  parentSlot: 7,
  /** Which nodes to search: bit 0 the first, bit 1 the second. */
  searched: 8,
  /** Whether the built node is the first (0) or the second (1) of the two. */
  builtIs: 9,
  leafCount: 10,
  failed: 11,
} as const;

export const commands = { gradients: 1, node: 2, add: 3, end: 4 } as const;

/** Leaves are told behind the two nodes: where each begins, and its value. */
export const leavesFrom = 10;

/** All a thread needs for its share of a fit. */
export interface Share {
  readonly board: Board;
  readonly thread: number;
}

/** One thread's share of every order: its own features, or its own range of rows. */
export class Hand {
  private readonly mine: readonly number[];
  private readonly desk: Desk;
  private readonly splits: SplitSearch;
  private readonly from: number;
  private readonly to: number;

  constructor(private readonly share: Share) {
    const { features, threads, rowCount } = share.board.shape;
    this.mine = features.map((_, feature) => feature).filter((feature) => feature % threads === share.thread);
    this.from = Math.floor((rowCount * share.thread) / threads);
    this.to = Math.floor((rowCount * (share.thread + 1)) / threads);
    this.desk = newDesk(rowCount);
    this.splits = new SplitSearch(share.board);
  }

  /** Does its share of the order that stands on the board. */
  work(): void {
    const { board } = this.share;
    switch (board.control[controlAt.command]) {
      case commands.gradients:
        computeGradients(board, this.from, this.to);
        break;
      case commands.node:
        this.node();
        break;
      case commands.add:
        this.add();
        break;
      default:
        throw new Error('an unknown order');
    }
  }

  private node(): void {
    const { board, thread } = this.share;
    const { control } = board;
    const slot = control[controlAt.builtSlot]!;
    const parent = control[controlAt.parentSlot]!;
    const order = { output: control[controlAt.output]!, slot, start: control[controlAt.start]!, end: control[controlAt.end]! };
    sumHistograms(board, this.desk, this.mine, order);
    if (parent >= 0) subtractHistograms(board, this.mine, parent, slot);
    const builtIs = control[controlAt.builtIs]!;
    const searched = control[controlAt.searched]!;
    if (searched & 1) this.splits.search(this.mine, builtIs === 0 ? slot : parent, 0, thread);
    if (searched & 2) this.splits.search(this.mine, builtIs === 1 ? slot : parent, 1, thread);
  }

  /** Adds the values of the leaves to the scores of this thread's range of the tree's order. */
  private add(): void {
    const { control, numbers, raw, rows, shape } = this.share.board;
    const count = control[controlAt.leafCount]!;
    const offset = control[controlAt.output]! * shape.rowCount;
    for (let leaf = 0; leaf < count; leaf++) {
      const at = leavesFrom + 2 * leaf;
      const end = leaf + 1 < count ? numbers[at + 2]! : shape.rowCount;
      const value = numbers[at + 1]!;
      for (let i = Math.max(numbers[at]!, this.from), last = Math.min(end, this.to); i < last; i++) {
        const row = offset + rows[i]!;
        raw[row] = raw[row]! + value;
      }
    }
  }
}
