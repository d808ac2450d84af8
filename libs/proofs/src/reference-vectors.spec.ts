import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, referencePath } from '@bascule/testing/reference-data';
import { describe, it } from 'vitest';
import { canonicalJson, readSignerKey, signNote, verifierKeyOf, verifyConsistency, verifyInclusion, verifyNote } from './index.js';

const vectors = referencePath('vectors');
const missing = absent('vectors');
const read = (...path: string[]) => readFileSync(join(vectors, ...path), 'utf8');
const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');

function cases(kind: string) {
  return readdirSync(join(vectors, 'merkle', kind)).flatMap((folder) =>
    readdirSync(join(vectors, 'merkle', kind, folder)).map((file) => ({
      name: `${folder}/${file}`,
      ...JSON.parse(read('merkle', kind, folder, file)),
    })),
  );
}

describe.skipIf(missing)(`published vectors${missing}`, () => {
  it('accepts and refuses inclusion proofs as the reference does', () => {
    const all = cases('inclusion');
    assert.ok(all.length > 10);
    for (const { name, leafIdx, treeSize, leafHash, proof, root, wantErr } of all) {
      const isValid = verifyInclusion({
        index: leafIdx,
        size: treeSize,
        leafHash: bytes(leafHash),
        proof: (proof ?? []).map(bytes),
        root: bytes(root),
      });
      assert.equal(isValid, !wantErr, name);
    }
  });

  it('accepts and refuses consistency proofs as the reference does', () => {
    const all = cases('consistency');
    assert.ok(all.length > 10);
    for (const { name, size1, size2, root1, root2, proof, wantErr } of all) {
      const isValid = verifyConsistency({
        from: size1,
        to: size2,
        fromRoot: bytes(root1),
        toRoot: bytes(root2),
        proof: (proof ?? []).map(bytes),
      });
      assert.equal(isValid, !wantErr, name);
    }
  });

  it('signs the published note byte for byte and verifies both of its signatures', () => {
    const { vkeys, skey_peter, text, peterSig, enochSig } = JSON.parse(read('signed_note.json'));
    const signer = readSignerKey(skey_peter);
    assert.equal(signNote(text, signer), `${text}\n${peterSig}`);
    assert.equal(verifierKeyOf(signer), vkeys.peter);
    assert.deepEqual(verifyNote(`${text}\n${peterSig}${enochSig}`, [vkeys.peter, vkeys.enoch]), {
      ok: true,
      text,
      signers: ['PeterNeumann', 'EnochRoot'],
    });
    assert.deepEqual(verifyNote(`${text}\n${peterSig}${enochSig}`, [vkeys.enoch]), { ok: true, text, signers: ['EnochRoot'] });
    assert.equal(verifyNote(`${text.replace('answer', 'question')}\n${peterSig}`, [vkeys.peter]).ok, false);
  });

  it('writes canonical JSON as RFC 8785 publishes it', () => {
    for (const file of readdirSync(join(vectors, 'jcs', 'input'))) {
      assert.equal(canonicalJson(JSON.parse(read('jcs', 'input', file))), read('jcs', 'output', file).trimEnd(), file);
    }
  });
});
