import { sign, verify } from 'node:crypto';
import { type NoteSigner, readVerifierKey } from './note-key.js';

/** What came out of checking a note. */
export type NoteVerdict =
  | { readonly ok: true; readonly text: string; readonly signers: string[] }
  | { readonly ok: false; readonly reason: string };

const signatureLine = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/;

function hasControlCharacter(text: string): boolean {
  return [...text].some((char) => char < ' ' && char !== '\n');
}

/** Signs a text that ends with a newline (C2SP signed note). */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n') || hasControlCharacter(text))
    throw new Error('the text of a note ends with a newline and holds no control characters');
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  return `${text}\n— ${signer.name} ${Buffer.concat([signer.keyHash, signature]).toString('base64')}\n`;
}

/** Checks a note against the given verifier keys: unknown signers are passed over, a wrong signature of a known one refuses the note. */
export function verifyNote(note: string, verifierKeys: readonly string[]): NoteVerdict {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || hasControlCharacter(note)) return { ok: false, reason: 'not a signed note' };
  const text = note.slice(0, end + 1);
  const verifiers = verifierKeys.map(readVerifierKey);
  const signers: string[] = [];
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, name, encoded] = signatureLine.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (!name || bytes.length < 5) return { ok: false, reason: 'a signature line is malformed' };
    const verifier = verifiers.find((known) => known.name === name && known.keyHash.equals(bytes.subarray(0, 4)));
    if (!verifier) continue;
    if (!verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(4)))
      return { ok: false, reason: `the signature of ${name} is wrong` };
    signers.push(name);
  }
  return signers.length > 0 ? { ok: true, text, signers } : { ok: false, reason: 'no signature by a known key' };
}
