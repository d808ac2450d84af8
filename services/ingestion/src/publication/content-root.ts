import type { DatasetColumn, DatasetPart } from '@bascule/contracts';
import { inclusionProof, leafHash, rootOf, verifyInclusion } from '@bascule/proofs';

type Content = { readonly columns: readonly DatasetColumn[]; readonly parts: readonly Pick<DatasetPart, 'digest' | 'rowCount'>[] };

function leavesOf({ columns, parts }: Content): Buffer[] {
  const schema = JSON.stringify(columns.map(({ name, type, role, nullable }) => [name, type, role, nullable]));
  const texts = [`columns ${schema}`, ...parts.map(({ digest, rowCount }) => `part ${digest} ${rowCount}`)];
  return texts.map((text) => leafHash(Buffer.from(text)));
}

/** Root of the tree over the columns and the parts of a version, as hex. The same rows under the same columns have the same root. */
export function contentRootOf(content: Content): string {
  return rootOf(leavesOf(content)).toString('hex');
}

/** Shows that a part belongs to a version: hashes from its leaf to the root. They hold after the part itself was removed. */
export function partProofOf(content: Content, digest: string): { index: number; size: number; proof: string[] } | undefined {
  const at = content.parts.findIndex((part) => part.digest === digest);
  if (at < 0) return undefined;
  const leaves = leavesOf(content);
  return { index: at + 1, size: leaves.length, proof: inclusionProof(leaves, at + 1).map((hash) => hash.toString('hex')) };
}

/** Checks such a proof with nothing but the root. */
export function isPartOf(
  root: string,
  part: Pick<DatasetPart, 'digest' | 'rowCount'>,
  { index, size, proof }: { index: number; size: number; proof: readonly string[] },
): boolean {
  const leaf = leafHash(Buffer.from(`part ${part.digest} ${part.rowCount}`));
  const hashes = proof.map((hash) => Buffer.from(hash, 'hex'));
  return verifyInclusion({ index, size, leafHash: leaf, proof: hashes, root: Buffer.from(root, 'hex') });
}
