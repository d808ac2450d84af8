import assert from 'node:assert/strict';
import { verifyEvidence } from '@bascule/proofs';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { playClaim } from './claim-story.js';
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
