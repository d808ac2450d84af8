import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { aliasMoved, predictionLogged, runFailed } from '@bascule/contracts';
import { encodeEvent } from '@bascule/messaging';
import { rootOf, verifyConsistency, verifyInclusion, verifyNote } from '@bascule/proofs';
import { eventually } from '@bascule/testing';
import { headers as newHeaders } from '@nats-io/transport-node';
import pg from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { AuditLogService } from '../src/audit/audit-log.service.js';
import { predictionBlock } from './claim-story.js';
import { type Answer, type Governance, startGovernance } from './start-governance.js';

let governance: Governance;
let database: pg.Client;
beforeAll(async () => {
  governance = await startGovernance({ replicas: 2 });
  database = new pg.Client({ connectionString: governance.database.url });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await governance.stop();
});

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const failed = () => ({ runId: randomUUID(), pipelineName: 'p', modelName: 'm', attempt: 1, reason: 'no memory' });

function headersOf(entries: readonly (readonly [string, string])[]) {
  const headers = newHeaders();
  for (const [name, value] of entries) headers.set(name, value);
  return headers;
}

async function logged(eventIds: readonly string[]): Promise<void> {
  await eventually(async () => {
    const { rows } = await database.query('SELECT count(*)::int AS n FROM audit_entries WHERE event_id = ANY ($1)', [eventIds]);
    assert.equal(rows[0].n, eventIds.length);
  });
}

/** Every leaf and the root the log claims, read past the service. */
async function wholeLog() {
  const { rows } = await database.query('SELECT index::int AS index, leaf_hash AS leaf FROM audit_entries ORDER BY index');
  const leaves = rows.map(({ leaf }) => leaf as Buffer);
  return { indexes: rows.map(({ index }) => index as number), leaves };
}

describe('the audit log', () => {
  it('has no gaps and one root although two replicas append at once', async () => {
    const events = Array.from({ length: 120 }, () => ({ definition: runFailed, id: randomUUID(), data: failed() }));
    await Promise.all(events.map((event) => governance.publisher.publishEvent(event)));
    const blocks = Array.from({ length: 20 }, (_, i) => ({ id: randomUUID(), ...predictionBlock('two', i + 1, ['x', 'y']) }));
    await Promise.all(blocks.map((block) => governance.publisher.publishBlock(predictionLogged, block.bytes, { id: block.id })));
    await logged([...events, ...blocks].map(({ id }) => id));
    const { indexes, leaves } = await wholeLog();
    assert.deepEqual(
      indexes,
      indexes.map((_, i) => i),
    );
    const size = leaves.length;
    const { root } = await governance.get(`/v1/audit/proofs/inclusion?index=0&size=${size}`);
    assert.equal(root, rootOf(leaves).toString('hex'));
  });

  it('holds an event once, however often it comes', async () => {
    const event = { definition: runFailed, id: randomUUID(), data: failed() };
    await governance.publisher.publishEvent(event);
    await logged([event.id]);
    const { js } = governance.connection;
    const { subject, headers, payload } = encodeEvent(event);
    // without the message id NATS takes each for a new message
    const again = Object.entries(headers).filter(([name]) => name !== 'Nats-Msg-Id');
    for (let i = 0; i < 3; i++) await js.publish(subject, payload, { headers: headersOf(again) });
    const after = { definition: runFailed, id: randomUUID(), data: failed() };
    await governance.publisher.publishEvent(after);
    await logged([after.id, event.id]);
  });

  it('holds an event once even when the inbox has forgotten it', async () => {
    const log = governance.running[0]!.app.get(AuditLogService);
    const data = failed();
    const envelope = {
      id: randomUUID(),
      type: runFailed.type,
      source: 'urn:bascule:training',
      time: '2002-01-01T00:00:00Z',
      subject: data.runId,
      correlationid: 'c',
      data,
    };
    const message = { stream: 'TRAINING', sequence: 1, subject: runFailed.type, bytes: Buffer.from(JSON.stringify(data)), envelope };
    const outcomes = await Promise.all([
      log.append(message),
      log.append(message),
      governance.running[1]!.app.get(AuditLogService).append(message),
    ]);
    assert.deepEqual(outcomes.sort(), [false, false, true]);
  });

  it('holds what nobody can read', async () => {
    const ack = await governance.connection.js.publish('serving.prediction.logged.v1', Buffer.from([255, 1, 2]));
    await logged([`${ack.stream}:${ack.seq}`]);
    const good = { definition: runFailed, id: randomUUID(), data: failed() };
    await governance.publisher.publishEvent(good);
    await logged([good.id]);
  });

  it('proves each entry and each earlier size against its signed heads', async () => {
    const { size } = await governance.get('/v1/audit/proofs/inclusion?index=0');
    // the log may end with the record of its last signature, which alone calls for no new one
    const checkpoint = await eventually(async () => {
      const latest = await governance.get('/v1/audit/checkpoints/latest');
      return latest.size >= size - 2 && latest;
    });
    const leaves = (await wholeLog()).leaves.slice(0, checkpoint.size);
    const { verifierKey } = await governance.get('/v1/audit/key');
    const note = verifyNote(checkpoint.note, [verifierKey]);
    assert.ok(note.ok);
    assert.ok(note.text.includes(bytes(checkpoint.rootHash).toString('base64')));
    for (const index of [0, 1, 63, leaves.length - 1]) {
      const answer = await governance.get(`/v1/audit/proofs/inclusion?index=${index}&size=${checkpoint.size}`);
      const proof = answer.proof.map(bytes);
      assert.ok(verifyInclusion({ index, size: checkpoint.size, leafHash: leaves[index]!, proof, root: bytes(checkpoint.rootHash) }));
    }
    for (const from of [1, 64, 100]) {
      const answer = await governance.get(`/v1/audit/proofs/consistency?from=${from}&to=${checkpoint.size}`);
      const fromRoot = rootOf(leaves.slice(0, from));
      const claim = { from, to: checkpoint.size, fromRoot, toRoot: bytes(checkpoint.rootHash), proof: answer.proof.map(bytes) };
      assert.ok(verifyConsistency(claim));
    }
    assert.equal((await governance.call('auditor', 'GET', '/v1/audit/proofs/inclusion?index=0&size=9999999')).status, 400);
  });

  it('does not sign itself for ever: the record of a signature calls for no other', async () => {
    const countOf = async () => (await database.query('SELECT count(*)::int AS n FROM checkpoints')).rows[0].n as number;
    const tick = async () => {
      const { rows } = await database.query(
        "SELECT max(index)::int AS last, (SELECT max(size)::int FROM checkpoints) AS signed FROM audit_entries WHERE type <> 'governance.checkpoint.signed.v1'",
      );
      return rows[0].signed > rows[0].last;
    };
    await eventually(tick);
    const before = await countOf();
    // two records of signatures in the log, and no new signature: the loop has come to rest
    const { checkpoints } = await eventually(async () => {
      const { rows } = await database.query("SELECT count(*)::int AS n FROM audit_entries WHERE type = 'governance.checkpoint.signed.v1'");
      return rows[0].n === before && { checkpoints: before };
    });
    for (let i = 0; i < 10; i++) await governance.get('/v1/audit/checkpoints/latest');
    assert.equal(await countOf(), checkpoints);
  });
});

describe('why a version is where it is', () => {
  it('tells also what took its place', async () => {
    const move = (version: number, former: object) => ({
      ...{ modelName: 'moved', version, alias: 'champion', environment: 'production' as const, artifactDigest: 'e'.repeat(64) },
      ...{ promotionId: randomUUID(), rolloutId: randomUUID(), movedBy: 'ann', reason: 'fewer false alarms', ...former },
    });
    await governance.publisher.publishEvent({ definition: aliasMoved, data: move(1, {}) });
    await governance.publisher.publishEvent({ definition: aliasMoved, data: move(2, { previousVersion: 1 }) });
    await eventually(async () => {
      const { chain } = await governance.get('/v1/audit/why/moved@1');
      const told = chain.map(({ summary }: Answer) => summary);
      const word = 'on the word of ann: fewer false alarms.';
      assert.deepEqual(told, [
        `Alias champion of moved in production moved to version 1, ${word}`,
        `Alias champion of moved in production moved from version 1 to version 2, ${word}`,
      ]);
    });
  });
});
