import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decisionRecorded, gatewayStopped, predictionLogged } from '@bascule/contracts';
import { newSignerKey, readSignerKey, signReceipt, verifierKeyOf, verifyEvidence, verifyReceipt } from '@bascule/proofs';
import { PredictionBlockSchema } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { playClaim, predictionBlock } from './claim-story.js';
import { type Answer, type Governance, startGovernance } from './start-governance.js';

let governance: Governance;
let claim: Awaited<ReturnType<typeof playClaim>>;
let verifierKey: string;
beforeAll(async () => {
  governance = await startGovernance();
  claim = await playClaim(governance, 'claim-7');
  for (const id of [...claim.eventIds, claim.predictionId]) {
    await eventually(async () => (await governance.call('auditor', 'GET', `/v1/audit/why/${id}`)).status === 200);
  }
  verifierKey = (await governance.get('/v1/audit/key')).verifierKey;
});
afterAll(() => governance.stop());

const claimEvidence = () => governance.get('/v1/audit/evidence?clientRecordId=claim-7&model=claims-triage');
const statusOf = (bundle: Answer) => Object.fromEntries(bundle.completeness.items.map(({ what, status }: Answer) => [what, status]));

describe('evidence about a claim', () => {
  it('shows prediction, decision, settlement and where the version came from, and verifies offline', async () => {
    const bundle = await claimEvidence();
    assert.deepEqual(verifyEvidence(bundle, verifierKey), { integrity: true, completeness: true, problems: [] });
    assert.deepEqual([...new Set(Object.values(statusOf(bundle)))], ['found']);
    const [row] = bundle.entries.find(({ facts }: Answer) => facts.type === 'serving.prediction.logged.v1').rows;
    assert.deepEqual([row.payload.clientRecordId, row.payload.modelVersion, row.payload.outputs.probabilities], ['claim-7', 1, [0.8, 0.2]]);
  });

  it('does not show the records of others in the same block', async () => {
    assert.ok(!JSON.stringify(await claimEvidence()).includes('other-1'));
  });

  it('betrays every change', async () => {
    const bundle = await claimEvidence();
    bundle.entries.find(({ facts }: Answer) => facts.type === 'serving.decision.recorded.v1').payload.items[0].outcome = 'pay';
    const { integrity, problems } = verifyEvidence(bundle, verifierKey);
    assert.equal(integrity, false);
    assert.match(problems.join(), /not the one committed to/);
  });

  it('is for auditors', async () => {
    assert.equal((await governance.call('client', 'GET', '/v1/audit/evidence?id=claims-triage@1')).status, 403);
    assert.equal((await governance.call('auditor', 'GET', '/v1/audit/evidence?clientRecordId=claim-7')).status, 400);
    assert.equal((await governance.call('auditor', 'GET', '/v1/audit/evidence?clientRecordId=none&model=claims-triage')).status, 404);
  });
});

describe('evidence about a prediction', () => {
  it('is signed also when the log does not have it, and convicts with the receipt of the gateway', async () => {
    const gateway = readSignerKey(newSignerKey('bascule-gateway'));
    const predictionId = randomUUID();
    const hash = 'a'.repeat(64);
    const receipt = signReceipt(
      {
        format: 'bascule.receipt/v1',
        modelName: 'claims-triage',
        modelVersion: 1,
        artifactDigest: hash,
        requestId: 'r',
        keyId: 'k',
        answeredAt: '2020-01-01T00:00:00.000Z',
        producer: 'p',
        blocks: { from: 1, to: 1 },
        rows: [{ predictionId, inputs: hash, outputs: hash, salt: hash, kept: 'values' }],
      },
      gateway,
    );
    const bundle = await governance.get(`/v1/audit/evidence?predictionId=${predictionId}`);
    const { integrity, completeness } = verifyEvidence(bundle, verifierKey);
    assert.deepEqual([integrity, completeness], [true, false]);
    const { rows } = verifyReceipt(receipt, verifierKeyOf(gateway), { bundle, verifierKey });
    assert.equal(rows[0]?.record, 'suppressed');
  });

  it('shows blocks without rows as well, and names those at the end of a gateway that never came', async () => {
    const producer = randomUUID();
    const { bytes, predictionIds } = predictionBlock(producer, 1, ['ended-1']);
    const empty = create(PredictionBlockSchema, {
      producer,
      sequence: 2n,
      tallies: [{ modelName: 'claims-triage', modelVersion: 1, answeredRows: 9n, capturedRows: 2n }],
    });
    await governance.publisher.publishBlock(predictionLogged, bytes, { id: `${producer}-1` });
    await governance.publisher.publishBlock(predictionLogged, toBinary(PredictionBlockSchema, empty), { id: `${producer}-2` });
    const data = { gatewayId: randomUUID(), producer, lastSequence: 4, dropped: 0, isClean: false };
    await governance.publisher.publishEvent({ definition: gatewayStopped, data });
    await eventually(async () => {
      const bundle = await governance.get(`/v1/audit/evidence?predictionId=${predictionIds[0]}`);
      assert.deepEqual(bundle.completeness.gaps, [{ producer, from: 3, to: 4 }]);
      assert.equal(verifyEvidence(bundle, verifierKey).integrity, true);
    });
    const { items } = await governance.get('/v1/audit/entries?type=serving.prediction.logged.v1&limit=5');
    const entries = await Promise.all(items.map(({ index }: Answer) => governance.get(`/v1/audit/entries/${index}`)));
    const { facts, payload } = entries.find((entry: Answer) => entry.facts.payload.sequence === 2);
    assert.deepEqual([facts.payload.leftOut, facts.payload.rowCount, payload.rows], [7, 0, []]);
  });
});

describe('evidence about a promotion', () => {
  it('runs from the request to the alias', async () => {
    const bundle = await governance.get(`/v1/audit/evidence?promotionId=${claim.promotionId}`);
    assert.deepEqual(verifyEvidence(bundle, verifierKey), { integrity: true, completeness: true, problems: [] });
    const { approval, 'rollout end': end, 'alias move': alias, registration } = statusOf(bundle);
    assert.deepEqual([approval, end, alias, registration], ['found', 'found', 'found', 'found']);
  });
});

describe('why', () => {
  it('leads from an answer back to the rows the model was trained on, and on to the settlement', async () => {
    const { kind, chain } = await governance.get(`/v1/audit/why/${claim.predictionId}`);
    assert.equal(kind, 'prediction');
    const types = chain.map(({ type }: Answer) => type);
    assert.equal(types[0], 'ingestion.batch.received.v1');
    for (const type of [
      'training.run.succeeded.v1',
      'registry.version.registered.v1',
      'governance.approval.granted.v1',
      'serving.rollout.completed.v1',
    ]) {
      assert.ok(types.includes(type), type);
    }
    assert.deepEqual(types.slice(-2), ['serving.decision.recorded.v1', 'serving.ground-truth.received.v1']);
    assert.equal(chain.filter(({ place }: Answer) => place === 'itself').length, 1);
  });

  it('leads from a claim number through what went in to what was decided, and who overruled the model', async () => {
    const { kind, chain } = await governance.get('/v1/audit/why/claim-7?model=claims-triage');
    assert.equal(kind, 'record');
    const types = chain.map(({ type }: Answer) => type);
    assert.equal(types[0], 'ingestion.batch.received.v1');
    assert.deepEqual(types.slice(-3), ['serving.prediction.logged.v1', 'serving.decision.recorded.v1', 'serving.ground-truth.received.v1']);
    const [answered, decided, settled] = chain.slice(-3).map(({ summary }: Answer) => summary);
    assert.match(answered, /version 1 answered prediction .* for the client's record claim-7/);
    assert.match(decided, /decided inspect by rule 1; j\.doe overruled the model because: engine strike/);
    assert.match(settled, /1 \(settlement, selected by random\)/);
    assert.ok(!JSON.stringify(chain).includes('other-1'));
    // what went in and came out, with proof
    const bundle = await claimEvidence();
    const [row] = bundle.entries.find(({ facts }: Answer) => facts.type === 'serving.prediction.logged.v1').rows;
    assert.deepEqual(row.payload.inputs, { speed_knots: 130 });
    const decision = bundle.entries.find(({ facts }: Answer) => facts.type === 'serving.decision.recorded.v1').payload.items[0];
    assert.deepEqual(
      [decision.ruleVersion, decision.outcome, decision.overriddenBy, decision.reason],
      ['1', 'inspect', 'j.doe', 'engine strike'],
    );
    const { status } = await governance.call('auditor', 'GET', '/v1/audit/why/claim-7?model=loans');
    assert.equal(status, 404);
  });

  it('takes a prediction captured twice for one', async () => {
    const { body } = await governance.call('auditor', 'GET', '/v1/audit/evidence?clientRecordId=claim-7&model=claims-triage');
    const answers = body.entries.filter(({ facts }: Answer) => facts.type === 'serving.prediction.logged.v1');
    assert.equal(answers.length, 1);
  });

  it('takes event, run, batch, promotion, version and dataset ids', async () => {
    const { batchId, runId, promotionId, root } = claim;
    const kinds = [
      [root, 'event'],
      [runId, 'run'],
      [batchId, 'batch'],
      [promotionId, 'promotion'],
      ['claims-triage@1', 'version'],
      ['claims-triage:1', 'version'],
      ['d'.repeat(64), 'dataset'],
    ] as const;
    for (const [id, kind] of kinds) {
      const answer = await governance.get(`/v1/audit/why/${id}`);
      assert.equal(answer.kind, kind, id);
      assert.equal(answer.chain[0].eventId, root);
      assert.ok(answer.chain.every(({ summary }: Answer) => summary.length > 10));
    }
    assert.equal((await governance.call('auditor', 'GET', '/v1/audit/why/nothing')).status, 404);
  });

  it('tells of a version what became of it', async () => {
    const { chain } = await governance.get('/v1/audit/why/claims-triage@1');
    const effects = chain.filter(({ place }: Answer) => place === 'effect').map(({ type }: Answer) => type);
    for (const type of ['serving.rollout.started.v1', 'serving.rollout.completed.v1', 'registry.alias.moved.v1']) {
      assert.ok(effects.includes(type), type);
    }
  });
});

describe('lineage', () => {
  it('descends from batch to prediction', async () => {
    const { ancestors } = await governance.get(`/v1/lineage/prediction/${claim.predictionId}`);
    assert.deepEqual(
      ancestors.map(({ from }: Answer) => from),
      ['version/claims-triage@1', `run/${claim.runId}`, `dataset/${'d'.repeat(64)}`, `batch/${claim.batchId}`],
    );
  });
});

describe('a key of other models', () => {
  const doors = (claimed: typeof claim) => [
    '/v1/audit/evidence?clientRecordId=claim-7&model=claims-triage',
    `/v1/audit/evidence?promotionId=${claimed.promotionId}`,
    '/v1/audit/evidence?id=claims-triage@1',
    `/v1/audit/why/${claimed.predictionId}`,
    '/v1/audit/why/claim-7?model=claims-triage',
    `/v1/audit/why/${claimed.runId}`,
    `/v1/lineage/prediction/${claimed.predictionId}`,
    '/v1/lineage/version/claims-triage@1',
  ];
  async function auditorOf(models: string[], datasets: string[]): Promise<{ token: string }> {
    const { body } = await governance.call('admin', 'POST', '/v1/keys', { identity: 'aud', roles: ['auditor'], models, datasets });
    await eventually(async () => assert.equal((await governance.call(body, 'GET', '/v1/whoami')).status, 200));
    return body;
  }

  it('opens no evidence, no chain and no lineage of this one', async () => {
    const stranger = await auditorOf(['loans'], ['accounts']);
    for (const path of doors(claim)) {
      const { status, body } = await governance.call(stranger, 'GET', path);
      assert.deepEqual([path, status, body.code], [path, 403, 'access.model_not_allowed']);
    }
    const { ancestors, descendants } = (await governance.call(stranger, 'GET', `/v1/lineage/run/${claim.runId}`)).body;
    assert.ok(!JSON.stringify([ancestors, descendants]).includes('claims-triage'));
  });

  it('lists what it may see of the log page by page, and opens nothing else', async () => {
    const stranger = await auditorOf(['loans'], ['accounts']);
    const indexes: number[] = [];
    let cursor = '';
    do {
      const { body } = await governance.call(stranger, 'GET', `/v1/audit/entries?limit=2${cursor && `&cursor=${cursor}`}`);
      indexes.push(...body.items.map(({ index }: Answer) => index));
      cursor = body.nextCursor;
    } while (cursor);
    assert.deepEqual(
      indexes,
      [...new Set(indexes)].sort((a, b) => b - a),
    );
    const { items } = await governance.get('/v1/audit/entries?limit=500');
    const named = items.filter(({ type }: Answer) => !type.startsWith('governance.') && !type.startsWith('serving.gateway.'));
    assert.ok(named.length >= claim.eventIds.length - 1);
    for (const { index } of named) {
      assert.ok(!indexes.includes(index));
      assert.equal((await governance.call(stranger, 'GET', `/v1/audit/entries/${index}`)).body.code, 'access.model_not_allowed');
    }
    const granted = items.find(({ type }: Answer) => type === 'governance.approval.granted.v1');
    assert.ok(indexes.includes(granted.index));
  });

  it('opens all of it when its patterns cover the model and the dataset', async () => {
    const own = await auditorOf(['claims-*'], ['birds*']);
    for (const path of doors(claim)) assert.equal((await governance.call(own, 'GET', path)).status, 200);
  });
});

// last: it adds a decision to the claim
describe('reports by several clients', () => {
  it('names who decided, and links no report that was made for another model', async () => {
    const { predictionId } = claim;
    const decided = { outcome: 'pay', ruleVersion: '9', decidedAt: '1995-02-01T00:00:00Z' };
    const report = async (modelName: string, reportedBy: string, item: { predictionId: string } | { clientRecordId: string }) => {
      const id = randomUUID();
      const data = { submissionId: randomUUID(), modelName, keyId: 'k2', reportedBy, items: [{ ...decided, ...item }] };
      await governance.publisher.publishEvent({ definition: decisionRecorded, data, id });
      await eventually(async () => (await governance.call('auditor', 'GET', `/v1/audit/why/${id}`)).status === 200);
    };
    await report('i64', 'stranger', { predictionId });
    await report('i64', 'stranger', { clientRecordId: 'claim-7' });
    await report('claims-triage', 'second-portal', { predictionId });
    const chains = [
      await governance.get('/v1/audit/why/claim-7?model=claims-triage'),
      await governance.get(`/v1/audit/why/${predictionId}`),
    ];
    for (const { chain } of chains) {
      const decisions = chain.filter(({ type }: Answer) => type === 'serving.decision.recorded.v1').map(({ summary }: Answer) => summary);
      assert.equal(decisions.length, 2);
      assert.match(decisions.join(), /second-portal \(key k2\) decided pay/);
      assert.match(decisions.join(), /client key k decided inspect/);
    }
    const bundles = [await claimEvidence(), await governance.get(`/v1/audit/evidence?predictionId=${predictionId}`)];
    for (const bundle of bundles) {
      assert.equal(verifyEvidence(bundle, verifierKey).integrity, true);
      assert.equal(JSON.stringify(bundle).includes('stranger'), false);
      assert.ok(JSON.stringify(bundle).includes('"reportedBy":"second-portal"'));
    }
  });
});
