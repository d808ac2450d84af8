import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import {
  commitTo,
  type EntryFacts,
  entryLeaf,
  formatCheckpoint,
  inclusionProof,
  newSalt,
  newSignerKey,
  type ReceiptStatement,
  readSignerKey,
  rootOf,
  rowLeaf,
  rowSalt,
  sealEvidence,
  signNote,
  signReceipt,
  verifierKeyOf,
  verifyReceipt,
} from './index.js';

const gateway = readSignerKey(newSignerKey('bascule-gateway'));
const gatewayKey = verifierKeyOf(gateway);
const log = readSignerKey(newSignerKey('bascule/test'));
const hex = (hashes: Buffer[]) => hashes.map((hash) => hash.toString('hex'));

const predictionId = '0190a1b2-0000-7000-8000-000000000001';
const salt = newSalt();
const inputs = { phase: 'Climb', speed: 140.5 };
const outputs = { probability: [0.75, 0.25] };
const hashOf = (value: unknown) => commitTo(value, salt).toString('hex');

function statementOf(kept: 'values' | 'hashes' | 'none' = 'values'): ReceiptStatement {
  return {
    format: 'bascule.receipt/v1',
    modelName: 'm',
    modelVersion: 3,
    artifactDigest: 'd',
    requestId: 'r',
    keyId: 'k',
    answeredAt: '2001-01-01T00:00:00.000Z',
    producer: 'p',
    blocks: kept === 'none' ? null : { from: 7, to: 7 },
    rows: [{ predictionId, inputs: hashOf(inputs), outputs: hashOf(outputs), salt: salt.toString('hex'), kept }],
  };
}
const receipt = signReceipt(statementOf(), gateway);

/** What the keeper of the log answers about the prediction; without a row, that it is missing. */
function evidenceOf(row: Record<string, unknown> | undefined, createdAt = '2001-01-02T00:00:00.000Z', about = predictionId) {
  const blockSalt = newSalt();
  const other = rowLeaf({ predictionId: 'other' }, rowSalt(blockSalt, 1));
  const leaves = [rowLeaf(row ?? {}, rowSalt(blockSalt, 0)), other];
  const facts: EntryFacts = {
    schemaVersion: 1,
    id: 'p-7',
    type: 'serving.prediction.logged.v1',
    source: 'serving',
    subject: 'p',
    time: '2001-01-01T00:00:01.000Z',
    payload: { rowRoot: rootOf(leaves).toString('hex'), rowCount: 2, producer: 'p', sequence: 7 },
  };
  const leaf = entryLeaf(facts);
  const shown = { row: 0, payload: row, salt: rowSalt(blockSalt, 0).toString('hex'), proof: hex(inclusionProof(leaves, 0)) };
  const bundle = sealEvidence(
    {
      format: 'bascule.evidence/v1',
      question: { predictionId: about },
      createdAt,
      checkpoint: signNote(formatCheckpoint({ origin: 'bascule/test', size: 1, root: rootOf([leaf]) }), log),
      entries: row ? [{ index: 0, facts, payload: null, salt: null, rows: [shown], proof: hex(inclusionProof([leaf], 0)) }] : [],
      completeness: {
        treeSize: 1,
        items: [{ what: 'prediction', status: row ? 'found' : 'missing', entries: row ? [0] : [] }],
        gaps: [],
        droppedPredictions: 0,
      },
    },
    log,
  );
  return { bundle, verifierKey: verifierKeyOf(log) };
}

const logged = { predictionId, modelName: 'm', modelVersion: 3, artifactDigest: 'd', inputs, outputs };
const recordOf = (given: string, evidence: ReturnType<typeof evidenceOf>) => verifyReceipt(given, gatewayKey, evidence).rows[0]?.record;

describe('a receipt', () => {
  it('is genuine when the gateway signed it, and says what it says', () => {
    const verdict = verifyReceipt(receipt, gatewayKey);
    assert.equal(verdict.isGenuine, true);
    assert.deepEqual(verdict.statement, statementOf());
    assert.equal(verdict.rows[0]?.record, 'unknown');
  });

  it.each([
    ['changed by one letter', receipt.replace('"keyId":"k"', '"keyId":"l"'), gatewayKey],
    ['of another gateway', receipt, verifierKeyOf(readSignerKey(newSignerKey('bascule-gateway')))],
    ['that is another note', signNote('something else\n{}\n', gateway), gatewayKey],
    ['that lacks what it must say', signNote('bascule.receipt/v1\n{"format":"bascule.receipt/v1"}\n', gateway), gatewayKey],
    ['that is no JSON', signNote('bascule.receipt/v1\n{\n', gateway), gatewayKey],
    ['that is nothing', '', gatewayKey],
  ])('is refused %s', (_, given, key) => assert.equal(verifyReceipt(given, key).isGenuine, false));

  it('is borne out by a log that shows the row, with its values or as hashes', () => {
    assert.equal(recordOf(receipt, evidenceOf(logged)), 'shown');
    const hashed = { ...logged, inputs: {}, outputs: {}, inputsHash: hashOf(inputs), outputsHash: hashOf(outputs) };
    assert.equal(recordOf(signReceipt(statementOf('hashes'), gateway), evidenceOf(hashed)), 'shown');
  });

  it('convicts a log that shows other values, another version or other hashes', () => {
    for (const change of [{ inputs: { ...inputs, speed: 1 } }, { outputs: {} as object, outputsHash: hashOf('x') }, { modelVersion: 4 }]) {
      const evidence = evidenceOf({ ...logged, ...change });
      assert.equal(recordOf(receipt, evidence), 'differs');
      assert.equal(verifyReceipt(receipt, gatewayKey, evidence).problems.length, 1);
    }
  });

  it('proves that a record was suppressed when the keeper signs that it is not there', () => {
    assert.equal(recordOf(receipt, evidenceOf(undefined)), 'suppressed');
  });

  it('proves nothing while the record may be on its way, about another prediction, or when none was promised', () => {
    assert.equal(recordOf(receipt, evidenceOf(undefined, '2001-01-01T00:05:00.000Z')), 'unknown');
    assert.equal(recordOf(receipt, evidenceOf(undefined, undefined, 'another')), 'unknown');
    assert.equal(recordOf(signReceipt(statementOf('none'), gateway), evidenceOf(undefined)), 'not-kept');
  });

  it('does not trust evidence that somebody changed', () => {
    const { bundle, verifierKey } = evidenceOf(undefined);
    const verdict = verifyReceipt(receipt, gatewayKey, { bundle: { ...bundle, createdAt: '2002-01-01T00:00:00.000Z' }, verifierKey });
    assert.equal(verdict.rows[0]?.record, 'unknown');
    assert.ok(verdict.problems.length > 0);
  });
});
