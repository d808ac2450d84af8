import { canonicalJson } from './canonical-json.js';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { commitTo, rowLeaf } from './commitment.js';
import type { EntryFacts, EvidenceBundle, EvidenceEntry } from './evidence.js';
import { sealFault } from './evidence-seal.js';
import { leafHash } from './merkle-hash.js';
import { verifyInclusion } from './merkle-verify.js';
import { readVerifierKey } from './note-key.js';
import { readEvidence } from './read-evidence.js';
import { verifyNote } from './signed-note.js';

/** Two answers, because they are two questions: is what is shown genuine, and is all shown that should be. */
export interface EvidenceVerdict {
  readonly integrity: boolean;
  readonly completeness: boolean;
  readonly problems: string[];
}

/** Leaf of an entry in the log. */
export function entryLeaf(facts: EntryFacts): Buffer {
  return leafHash(Buffer.from(canonicalJson(facts)));
}

const bytesOf = (hashes: readonly string[]) => hashes.map((hash) => Buffer.from(hash, 'hex'));

function payloadFaults({ facts, payload, salt, rows }: EvidenceEntry): string[] {
  const binding = facts.payload;
  if ('commitment' in binding) {
    if (salt === null) return payload === null ? [] : ['a payload is shown without its salt'];
    return commitTo(payload, Buffer.from(salt, 'hex')).toString('hex') === binding.commitment
      ? []
      : ['the payload is not the one committed to'];
  }
  if (payload !== null || salt !== null) return ['a block discloses rows, not a payload'];
  return (rows ?? []).flatMap((row) => {
    if (row.salt === null) return row.payload === null ? [] : [`row ${row.row} is shown without its salt`];
    const isThere = verifyInclusion({
      index: row.row,
      size: binding.rowCount,
      leafHash: rowLeaf(row.payload, Buffer.from(row.salt, 'hex')),
      proof: bytesOf(row.proof),
      root: Buffer.from(binding.rowRoot, 'hex'),
    });
    return isThere ? [] : [`row ${row.row} is not in its block`];
  });
}

function entryFaults(entry: EvidenceEntry, checkpoint: Checkpoint): string[] {
  const isThere = verifyInclusion({
    index: entry.index,
    size: checkpoint.size,
    leafHash: entryLeaf(entry.facts),
    proof: bytesOf(entry.proof),
    root: checkpoint.root,
  });
  const faults = isThere ? payloadFaults(entry) : ['the proof does not lead to the checkpoint', ...payloadFaults(entry)];
  return faults.map((fault) => `entry ${entry.index} (${entry.facts.type}): ${fault}`);
}

function readSigned(note: string, verifierKey: string): { checkpoint?: Checkpoint; fault?: string } {
  const verdict = verifyNote(note, [verifierKey]);
  if (!verdict.ok) return { fault: `the checkpoint: ${verdict.reason}` };
  const checkpoint = parseCheckpoint(verdict.text);
  if (!checkpoint) return { fault: 'the checkpoint is signed but malformed' };
  if (checkpoint.origin !== readVerifierKey(verifierKey).name) return { fault: 'the checkpoint is of another log' };
  return { checkpoint };
}

function completenessFaults({ entries, completeness }: EvidenceBundle, size: number | undefined): string[] {
  const shown = new Set(entries.map(({ index }) => index));
  const faults = completeness.items.flatMap(({ what, status, entries: named, note }) => {
    if (status === 'missing') return [`${what} was looked for and is missing${note ? `: ${note}` : ''}`];
    if (status === 'found' && (named.length === 0 || named.some((index) => !shown.has(index))))
      return [`${what} is said to be found but is not shown`];
    return [];
  });
  for (const { producer, from, to } of completeness.gaps) faults.push(`blocks ${from} to ${to} of gateway ${producer} are not in the log`);
  if (completeness.droppedPredictions > 0)
    faults.push(`${completeness.droppedPredictions} predictions were dropped before they were logged`);
  if (size !== undefined && completeness.treeSize !== size) faults.push('the search covered another size of the log than the checkpoint');
  for (const { index, facts, salt, rows } of entries) {
    const isErased = 'commitment' in facts.payload ? salt === null : (rows ?? []).some((row) => row.salt === null);
    if (isErased) faults.push(`entry ${index}: the payload was erased`);
  }
  if (completeness.items.length === 0) faults.push('nothing is said about what was looked for');
  return faults;
}

/**
 * Checks an evidence bundle offline against a verifier key that the auditor got by another way than with the bundle.
 * Completeness rests on the keeper's signed statement; integrity rests on hashes and the signature alone.
 */
export function verifyEvidence(bundle: unknown, verifierKey: string): EvidenceVerdict {
  const read = readEvidence(bundle);
  if (!read.bundle) return { integrity: false, completeness: false, problems: read.faults.map((fault) => `integrity: ${fault}`) };
  const { checkpoint, fault } = readSigned(read.bundle.checkpoint, verifierKey);
  const seal = sealFault(read.bundle, verifierKey);
  const broken = [
    ...(fault ? [fault] : []),
    ...(seal ? [seal] : []),
    ...(checkpoint ? read.bundle.entries.flatMap((entry) => entryFaults(entry, checkpoint)) : []),
  ];
  const lacking = completenessFaults(read.bundle, checkpoint?.size);
  return {
    integrity: broken.length === 0,
    completeness: broken.length === 0 && lacking.length === 0,
    problems: [...broken.map((text) => `integrity: ${text}`), ...lacking.map((text) => `completeness: ${text}`)],
  };
}
