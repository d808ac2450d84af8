import assert from 'node:assert/strict';
import { canonicalJson, inclusionProof, leafHash, newSalt, rowLeaf, rowSalt, verifyInclusion } from '@bascule/proofs';
import { LabelledBlockSchema, PredictionBlockSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import canonicalize from 'canonicalize';
import { describe, it } from 'vitest';
import { auditRecord, type ReceivedMessage } from './audit-record.js';
import { disclosedPayload } from './disclosed-payload.js';

const now = new Date('2002-03-04T05:06:07.000Z');
const at = BigInt(now.getTime());

function message(type: string, bytes: Uint8Array, data?: unknown): ReceivedMessage {
  const envelope = {
    id: 'event-1',
    type,
    source: 'urn:bascule:test',
    time: '2002-01-01T00:00:00Z',
    subject: 's',
    correlationid: 'event-0',
    data,
  };
  return { stream: 'SERVING', sequence: 7, subject: type, bytes, envelope };
}

const prediction = (id: string, clientRecordId: string, number: number) => ({
  predictionId: id,
  clientRecordId,
  model: 0,
  occurredAtMs: at,
  receivedAtMs: at,
  inputs: [{ kind: { case: 'number' as const, value: number } }, {}],
  outputs: [{ kind: { case: 'numbers' as const, value: { values: [0.25, 0.75] } } }],
});
const models = [
  { modelName: 'm', modelVersion: 3, artifactDigest: 'd', inputNames: ['speed', 'operator'], outputNames: ['probabilities'] },
];
const ids = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002', 'not a uuid'];

function block(): Uint8Array {
  const predictions = [prediction(ids[0]!, 'C-1', Number.NaN), prediction(ids[1]!, '', 12.5), prediction(ids[2]!, 'C-3', 1)];
  return toBinary(
    PredictionBlockSchema,
    create(PredictionBlockSchema, { producer: 'gateway', sequence: 5n, dropped: 2n, models, predictions }),
  );
}

describe('an entry of the log', () => {
  it('commits to the payload of an event through canonical facts', () => {
    const data = { runId: 'r', reason: 'é', attempt: 1 };
    const record = auditRecord(message('training.run.failed.v1', Buffer.from(JSON.stringify(data)), data), newSalt(), now);
    assert.deepEqual(record.leafHash, leafHash(Buffer.from(canonicalize(record.facts)!)));
    assert.equal(record.payload.toString(), canonicalJson(data));
    assert.deepEqual(disclosedPayload(record.facts.type, record.payload), data);
  });

  it('commits to each row of a block, so that one row can be shown alone', () => {
    const salt = newSalt();
    const { facts, block: decoded } = auditRecord(message('serving.prediction.logged.v1', block()), salt, now);
    assert.ok('rowRoot' in facts.payload);
    assert.deepEqual({ ...facts.payload, rowRoot: '' }, { rowRoot: '', rowCount: 3, producer: 'gateway', sequence: 5, dropped: 2 });
    const leaves = decoded!.rows.map((row, i) => rowLeaf(row, rowSalt(salt, i)));
    const shown = JSON.parse(JSON.stringify(decoded!.rows[1]));
    const claim = { index: 1, size: 3, proof: inclusionProof(leaves, 1), root: Buffer.from(facts.payload.rowRoot, 'hex') };
    assert.ok(verifyInclusion({ ...claim, leafHash: rowLeaf(shown, rowSalt(salt, 1)) }));
    assert.ok(!verifyInclusion({ ...claim, leafHash: rowLeaf({ ...shown, latencyUs: 1 }, rowSalt(salt, 1)) }));
  });

  it('writes a missing number and a missing value so that JSON can hold them', () => {
    const rows = auditRecord(message('serving.prediction.logged.v1', block()), newSalt(), now).block!.rows;
    assert.deepEqual(rows[0]!.inputs, { speed: 'NaN', operator: null });
    assert.deepEqual(rows[0]!.outputs, { probabilities: [0.25, 0.75] });
  });

  it('finds predictions by id, except ids that are none', () => {
    const { predictions } = auditRecord(message('serving.prediction.logged.v1', block()), newSalt(), now);
    assert.deepEqual(
      predictions.map(({ predictionId }) => predictionId),
      ids.slice(0, 2),
    );
  });

  it('keeps labelled rows without listing them as captured again', () => {
    const rows = [{ prediction: prediction(ids[0]!, 'C-1', 1), label: 1, revision: 1, source: 'settlement', labelledAtMs: at }];
    const bytes = toBinary(LabelledBlockSchema, create(LabelledBlockSchema, { models, rows }));
    const record = auditRecord(message('monitoring.prediction.labelled.v1', bytes), newSalt(), now);
    assert.deepEqual(record.block!.rows[0]!.label, { value: 1, revision: 1, source: 'settlement', labelledAt: now.toISOString() });
    assert.equal(record.predictions.length, 0);
  });

  it('is made of messages that nobody can read, under their place in the stream', () => {
    const { envelope: _, ...bare } = message('serving.prediction.logged.v1', Buffer.from([255, 0, 1]));
    for (const unreadable of [bare, { ...message('training.run.failed.v1', bare.bytes), subject: 'registry.alias.moved.v1' }]) {
      const record = auditRecord(unreadable, newSalt(), now);
      assert.equal(record.facts.id, 'SERVING:7');
      assert.deepEqual(disclosedPayload(record.facts.type, record.payload), { unreadable: '/wAB' });
    }
  });

  it('is made of JSON that nobody should send', () => {
    for (const text of [
      '1e999',
      '{"items":[1e999]}',
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      'null',
      '"text"',
      '{"__proto__":{"items":1}}',
    ]) {
      const bytes = Buffer.from(text);
      const { facts, payload } = auditRecord(message('serving.ground-truth.received.v1', bytes, JSON.parse(text)), newSalt(), now);
      assert.ok(disclosedPayload(facts.type, payload), text.slice(0, 20));
    }
  });
});
