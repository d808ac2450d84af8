import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { EvidenceBundle, UnsealedBundle } from './evidence.js';
import type { NoteSigner } from './note-key.js';
import { signNote, verifyNote } from './signed-note.js';

/** The first line differs from every origin, so that a seal never passes for a checkpoint. */
function sealText(bundle: UnsealedBundle): string {
  return `bascule.evidence/v1\n${createHash('sha256').update(canonicalJson(bundle)).digest('hex')}\n`;
}

/** Signs the bundle as a whole. */
export function sealEvidence(bundle: UnsealedBundle, signer: NoteSigner): EvidenceBundle {
  return { ...bundle, seal: signNote(sealText(bundle), signer) };
}

/** Undefined when the seal is that of this bundle, else what is wrong. */
export function sealFault({ seal, ...bundle }: EvidenceBundle, verifierKey: string): string | undefined {
  const verdict = verifyNote(seal, [verifierKey]);
  if (!verdict.ok) return `the seal: ${verdict.reason}`;
  return verdict.text === sealText(bundle) ? undefined : 'the bundle was changed after it was sealed';
}
