import { emptyRoot, nodeHash } from './merkle-hash.js';
import { consistencyShape, inclusionShape, type Subtree, subtreesOf } from './tree-shape.js';

/** Hash over neighbouring subtrees, given left to right from large to small. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Buffer {
  const last = hashes.at(-1);
  if (!last) return emptyRoot;
  return hashes.slice(0, -1).reduceRight<Buffer>((right, left) => nodeHash(left, right), Buffer.from(last));
}

/** A complete subtree together with its hash. */
export interface HashedSubtree extends Subtree {
  readonly hash: Buffer;
}

/** The right edge of a log: the hashes of its complete subtrees, large to small. It is all that appending needs. */
export interface TreeHead {
  readonly size: number;
  readonly edge: readonly Buffer[];
}

/** Appends leaves to the right edge; `completed` are the inner nodes that became final and must be kept for proofs. */
export function appendLeaves(head: TreeHead, leaves: readonly Buffer[]): { head: TreeHead; completed: HashedSubtree[] } {
  const edge = [...head.edge];
  const completed: HashedSubtree[] = [];
  let size = head.size;
  for (const leaf of leaves) {
    let hash = leaf;
    let index = size;
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(edge.pop()!, hash);
      index = (index - 1) / 2;
      completed.push({ level, index, hash });
    }
    edge.push(hash);
    size++;
  }
  return { head: { size, edge }, completed };
}

function hashOf(leaves: readonly Buffer[], { level, index }: Subtree): Buffer {
  if (level === 0) return leaves[index]!;
  return nodeHash(hashOf(leaves, { level: level - 1, index: index * 2 }), hashOf(leaves, { level: level - 1, index: index * 2 + 1 }));
}

function foldShape(leaves: readonly Buffer[], shape: readonly Subtree[][]): Buffer[] {
  return shape.map((subtrees) => foldSubtrees(subtrees.map((subtree) => hashOf(leaves, subtree))));
}

/** Root over leaf hashes (RFC 6962). */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  return foldSubtrees(subtreesOf(0, leaves.length).map((subtree) => hashOf(leaves, subtree)));
}

/** Proof that leaf `index` is in the tree over these leaf hashes. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  return foldShape(leaves, inclusionShape(index, leaves.length));
}

/** Proof that the tree over the first `from` leaf hashes is the past of the tree over all of them. */
export function consistencyProof(leaves: readonly Buffer[], from: number): Buffer[] {
  return foldShape(leaves, consistencyShape(from, leaves.length));
}
