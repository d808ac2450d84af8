import type { DatasetColumn } from '@bascule/contracts';
import { expect, it } from 'vitest';
import { contentRootOf, isPartOf, partProofOf } from './content-root.js';

const columns: DatasetColumn[] = [{ name: 'a', type: 'string', role: 'id', nullable: false }];
const parts = ['a', 'b', 'c'].map((letter, at) => ({ digest: letter.repeat(64), rowCount: at + 1 }));

it('is the same for the same columns and parts, and another for others', () => {
  const root = contentRootOf({ columns, parts });
  expect(contentRootOf({ columns: [...columns], parts: [...parts] })).toBe(root);
  expect(contentRootOf({ columns, parts: parts.toReversed() })).not.toBe(root);
  expect(contentRootOf({ columns: [{ ...columns[0]!, type: 'number' }], parts })).not.toBe(root);
});

it('proves every part, and no other', () => {
  const root = contentRootOf({ columns, parts });
  for (const part of parts) {
    const proof = partProofOf({ columns, parts }, part.digest)!;
    expect(isPartOf(root, part, proof)).toBe(true);
    expect(isPartOf(root, { ...part, rowCount: 99 }, proof)).toBe(false);
  }
  expect(partProofOf({ columns, parts }, 'd'.repeat(64))).toBeUndefined();
});
