import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import {
  appendLeaves,
  consistencyProof,
  emptyRoot,
  foldSubtrees,
  inclusionProof,
  inclusionShape,
  leafHash,
  nodeHash,
  rootOf,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from './index.js';

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
/** RFC 6962, 2.1, written down as it stands there. */
function definedRoot(of: readonly Buffer[]): Buffer {
  if (of.length <= 1) return of[0] ?? emptyRoot;
  let k = 1;
  while (k * 2 < of.length) k *= 2;
  return nodeHash(definedRoot(of.slice(0, k)), definedRoot(of.slice(k)));
}

describe('the tree', () => {
  it('has the root that RFC 6962 defines, at every size', () => {
    for (let size = 0; size <= leaves.length; size++) assert.deepEqual(rootOf(leaves.slice(0, size)), definedRoot(leaves.slice(0, size)));
  });

  it('proves every leaf at every size, and only at its own place', () => {
    for (let size = 1; size <= 40; size++) {
      const tree = leaves.slice(0, size);
      const root = rootOf(tree);
      for (let index = 0; index < size; index++) {
        const claim = { index, size, leafHash: tree[index]!, proof: inclusionProof(tree, index), root };
        assert.ok(verifyInclusion(claim));
        assert.ok(!verifyInclusion({ ...claim, index: (index + 1) % (size + 1) }) || size === 1);
        assert.ok(!verifyInclusion({ ...claim, leafHash: leafHash(Buffer.from('another')) }));
      }
    }
  });

  it('proves that every smaller tree is its past', () => {
    for (let to = 1; to <= 40; to++) {
      for (let from = 1; from <= to; from++) {
        const claim = {
          from,
          to,
          fromRoot: rootOf(leaves.slice(0, from)),
          toRoot: rootOf(leaves.slice(0, to)),
          proof: consistencyProof(leaves.slice(0, to), from),
        };
        assert.ok(verifyConsistency(claim), `${from} to ${to}`);
        assert.ok(from === to || !verifyConsistency({ ...claim, fromRoot: rootOf(leaves.slice(0, from - 1)) }));
      }
    }
  });

  it('grows by its right edge alone, however the leaves are grouped', () => {
    let head: TreeHead = { size: 0, edge: [] };
    const kept = new Map<string, Buffer>();
    for (const step of [1, 1, 3, 8, 13, 44]) {
      const grown = appendLeaves(head, leaves.slice(head.size, head.size + step));
      for (const { level, index, hash } of grown.completed) kept.set(`${level}/${index}`, hash);
      head = grown.head;
      assert.deepEqual(foldSubtrees(head.edge), rootOf(leaves.slice(0, head.size)));
    }
    for (const index of [0, 12, 63, 64, 69]) {
      const proof = inclusionShape(index, 70).map((part) =>
        foldSubtrees(part.map((s) => (s.level === 0 ? leaves[s.index]! : kept.get(`${s.level}/${s.index}`)!))),
      );
      assert.deepEqual(proof, inclusionProof(leaves, index));
    }
  });

  it('reads few nodes for a proof in a large log', () => {
    assert.ok(inclusionShape(123_456_789, 2 ** 40 + 77).flat().length < 60);
  });

  it('refuses sizes that a number cannot hold exactly', () => {
    assert.throws(() => inclusionShape(0, 2 ** 53), RangeError);
    assert.equal(verifyInclusion({ index: 2 ** 53, size: 2 ** 54, leafHash: leaves[0]!, proof: [], root: leaves[0]! }), false);
  });
});
