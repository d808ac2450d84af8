import {
  aliasMoved,
  batchReceived,
  batchRejected,
  batchValidated,
  datasetPublished,
  driftDetected,
  performanceDegraded,
  predictionLabelled,
} from '@bascule/contracts';
import { newId, type RunningService } from '@bascule/platform';
import { LabelledBlockSchema } from '@bascule/proto';
import { eventually, withinOneDay } from '@bascule/testing';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignalsService } from '../src/signals/signals.service.js';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = readBirdstrikes();
const waitMs = { timeoutMs: 60_000 };
const drift = { method: 'psi', score: 0.5, expectedNoise: 0.1, threshold: 0.25, currentCount: 700, referenceCount: 3000, reasons: [] };
const observed = (modelName: string) => ({
  reportId: newId(),
  modelName,
  version: 1,
  window: { from: '2010-01-01T00:00:00Z', to: '2010-02-01T00:00:00Z' },
});

describe('the brakes of training', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;
  let service: RunningService;

  beforeAll(async () => {
    training = await startTraining();
    service = await training.start();
    const { url } = service;
    api = clientOf(url, await training.key(['scientist', 'operator']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
  });
  afterAll(() => training.stop());

  const runsOf = async (name: string) => (await api.get(`runs?pipeline=${name}`)).body.items;
  const decisionsOf = async (name: string) => (await api.get(`triggers?pipeline=${name}&limit=200`)).body.items;
  const reasonsOf = async (name: string): Promise<string[]> =>
    (await decisionsOf(name)).flatMap(({ reasons }: { reasons: string[] }) => reasons);
  const succeeded = async (name: string) => (await runsOf(name)).filter(({ status }: { status: string }) => status === 'succeeded');
  const driftOf = (modelName: string, feature = 'operator') =>
    training.publish(driftDetected, { ...observed(modelName), features: [{ feature, ...drift }] });
  const says = (name: string, text: string) =>
    eventually(async () => (await reasonsOf(name)).some((reason) => reason.includes(text)), waitMs);
  /** A pipeline of its own model and dataset, trained once. */
  const trained = async (name: string, triggers: object = {}) => {
    const own = { ...pipeline, name, modelName: name, datasetName: name };
    const { status } = await api.post('pipelines', { ...own, triggers: { ...pipeline.triggers, minNewLabelledRows: 500, ...triggers } });
    expect(status).toBe(201);
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(claims, 1990, 1994), { datasetName: name }));
    await eventually(async () => (await succeeded(name)).length === 1, waitMs);
  };
  const grow = async (name: string, rows = inYears(claims, 1995, 1996)) => {
    const old = inYears(claims, 1990, 1994);
    const published = await storeDataset(training.objects, rows, { datasetName: name, after: old });
    await training.publish(datasetPublished, published);
    return published;
  };
  const known = (name: string, count: number) =>
    eventually(async () => (await training.query('select 1 from dataset_versions where dataset_name = $1', [name])).length === count);

  it('answer a storm of a thousand drift events with one run', async () => {
    await trained('storm');
    await grow('storm');
    await known('storm', 2);
    await Promise.all(Array.from({ length: 1000 }, () => driftOf('storm')));
    await eventually(async () => (await succeeded('storm')).length === 2, waitMs);
    // every event is decided on before the storm is over
    await eventually(
      async () => {
        const [row] = await training.query(`select count(*) as handled from inbox where consumer like 'training-drift-detected%'`);
        return Number(row!['handled']) === 1000;
      },
      { timeoutMs: 120_000 },
    );
    expect(await runsOf('storm')).toHaveLength(2);
    expect((await decisionsOf('storm')).length).toBeLessThan(10);
  });

  it('take an event for part of a storm only where a held cause of the last minute says all of it', async () => {
    const own = { ...pipeline, name: 'boundary', modelName: 'boundary', datasetName: 'boundary' };
    expect((await api.post('pipelines', own)).status).toBe(201);
    await driftOf('boundary');
    await says('boundary', 'dataset boundary has no published version');
    const held = async () => {
      const [row] = await training.query(`select * from signals where pipeline_name = 'boundary' and cause = 'drift-detected'`);
      return row!;
    };
    const { from, to } = observed('boundary').window;
    const seen = { cause: 'drift-detected' as const, features: ['operator'], windowFrom: new Date(from), windowTo: new Date(to) };
    const untold = (more: Partial<typeof seen> | { cause: 'performance-degraded' } = {}, weighedSince = new Date(0)) =>
      service.app.get(SignalsService, { strict: false }).listUntold('boundary', { ...seen, ...more }, weighedSince);
    await eventually(async () => (await held())['weighed_at'] !== null);
    expect(await untold()).toEqual([]);
    expect(await untold({ windowFrom: new Date(Date.parse(from) + 1000) })).toEqual([]);
    // weighed longer ago, of another feature, of a later time, of another kind: decided on by itself
    const later = new Date(Date.now() + 60_000);
    expect(await untold({}, later)).toEqual(['boundary']);
    expect(await untold({ features: ['operator', 'aircraft'] })).toEqual(['boundary']);
    expect(await untold({ windowTo: new Date(Date.parse(to) + 1) })).toEqual(['boundary']);
    expect(await untold({ cause: 'performance-degraded' })).toEqual(['boundary']);
    const february = { from: to, to: '2010-03-01T00:00:00Z' };
    await training.publish(driftDetected, { ...observed('boundary'), window: february, features: [{ feature: 'aircraft', ...drift }] });
    await eventually(async () => (await held())['features'] !== undefined && ((await held())['features'] as string[]).length === 2);
    expect(await held()).toMatchObject({ features: ['aircraft', 'operator'], window_to: new Date(february.to) });
  });

  it('ask a person, who accepts', async () => {
    await trained('ask', { onDrift: 'propose' });
    await grow('ask');
    await known('ask', 2);
    await driftOf('ask');
    const [proposal] = await eventually(
      async () => listed((await api.get('proposals?pipeline=ask&status=open')).body.items as { proposalId: string }[]),
      waitMs,
    );
    expect(proposal).toMatchObject({ cause: 'drift-detected', reasons: [expect.stringContaining('drift of operator')] });
    await driftOf('ask', 'aircraft');
    const accepted = await api.post(`proposals/${proposal.proposalId}/accept`, { reason: 'looks right' });
    expect([accepted.status, accepted.body.status]).toEqual([200, 'accepted']);
    await eventually(async () => (await succeeded('ask')).length === 2, waitMs);
    expect((await api.get(`runs/${accepted.body.runId}`)).body.requestedBy).toBe('scientist@test');
    expect((await api.post(`proposals/${proposal.proposalId}/accept`, {})).body.code).toBe('training.proposal_answered');
    const [answered] = await eventually(() =>
      listed(training.events('training.proposal.answered.v1').filter(({ data }) => data['pipelineName'] === 'ask')),
    );
    expect(answered!.data).toMatchObject({ answer: 'accepted', runId: accepted.body.runId, reason: 'looks right' });
  });

  it('ask a person, who declines, and then not again for a while', async () => {
    await trained('decline', { onDrift: 'propose', cooldownMinutes: 0 });
    const { name: _, ...body } = { ...pipeline, modelName: 'decline', datasetName: 'decline' };
    await api.put('pipelines/decline', { ...body, triggers: { onDrift: 'propose', minNewLabelledRows: 500, cooldownMinutes: 0 } });
    await grow('decline');
    await known('decline', 2);
    await driftOf('decline');
    const [proposal] = await eventually(
      async () => listed((await api.get('proposals?pipeline=decline')).body.items as { proposalId: string }[]),
      waitMs,
    );
    await api.put('pipelines/decline', { ...body, triggers: { onDrift: 'propose', minNewLabelledRows: 500, cooldownMinutes: 600 } });
    expect((await api.post(`proposals/${proposal.proposalId}/decline`, { reason: 'season' })).body).toMatchObject({
      status: 'declined',
      answeredBy: 'scientist@test',
      answerReason: 'season',
    });
    await driftOf('decline');
    await says('decline', 'cooling down until');
    expect((await api.get('proposals?pipeline=decline')).body.items).toHaveLength(1);
    expect(await runsOf('decline')).toHaveLength(1);
  });

  it('hold degraded performance like drift, and run on it', async () => {
    await trained('degraded');
    const report = { metric: 'logLoss', value: 0.5, reference: 0.3, labelledCount: 500, reasons: ['worse'] };
    await training.publish(performanceDegraded, { ...observed('degraded'), ...report });
    await says('degraded', '0 new labelled rows since');
    await grow('degraded');
    await eventually(async () => (await succeeded('degraded')).length === 2, waitMs);
    await says('degraded', 'performance degraded, with');
  });

  it('keep to the budget of the day', async () => {
    await withinOneDay(90_000);
    await trained('budget', { budget: { runsPerDay: 1 } });
    await grow('budget');
    await known('budget', 2);
    await driftOf('budget');
    await says('budget', '1 runs today (UTC), the budget is 1');
    expect(await runsOf('budget')).toHaveLength(1);
    expect((await runsOf('budget'))[0].computeSeconds).toBeGreaterThan(0);
  });

  it('refuse data that failed their checks, and wait for checks under way', async () => {
    await trained('checked');
    const published = await storeDataset(training.objects, inYears(claims, 1995, 1996), {
      datasetName: 'checked',
      after: inYears(claims, 1990, 1994),
    });
    const batch = { batchId: published.batchIds[0]!, datasetName: 'checked', contractName: 'checked', contractVersion: 1 };
    const received = {
      contentDigest: published.datasetVersion,
      contentType: 'text/csv',
      sizeBytes: 1,
      origin: 'upload' as const,
      sentBy: 'x',
    };
    await training.publish(batchReceived, { ...batch, ...received });
    await eventually(async () => (await training.query('select 1 from batch_checks')).length > 0);
    await training.publish(datasetPublished, published);
    await known('checked', 2);
    await driftOf('checked');
    await says('checked', `the checks of batch ${batch.batchId} are still under way`);
    await training.publish(batchValidated, {
      ...batch,
      recordCount: 2000,
      acceptedCount: 1400,
      quarantinedCount: 600,
      duplicateCount: 0,
      reasons: {},
    });
    await says('checked', 'the new data failed their checks: 30 % of 2000 records');
    expect(await runsOf('checked')).toHaveLength(1);
  });

  it('say that a rejected batch brings no training', async () => {
    const batch = { batchId: newId(), datasetName: 'checked', contractName: 'checked', contractVersion: 1 };
    await training.publish(batchRejected, { ...batch, recordCount: 10, reasons: ['no column damaged'] });
    await says('checked', `batch ${batch.batchId} failed its checks and is in no dataset version: no column damaged`);
  });

  it('refuse new labels that are turned over', async () => {
    await trained('poisoned');
    await grow(
      'poisoned',
      inYears(claims, 1995, 1996).map((row) => ({ ...row, label: (1 - row.label) as 0 | 1 })),
    );
    await known('poisoned', 2);
    await driftOf('poisoned');
    await says('poisoned', 'look poisoned or mislabelled: 88 % of');
    expect(await runsOf('poisoned')).toHaveLength(1);
  });

  it('refuse labels of cases that somebody picked', async () => {
    await trained('picked');
    const rows = Array.from({ length: 200 }, (_, at) => ({
      prediction: { model: 0 },
      label: 1,
      selection: at < 180 ? 'investigator' : 'all',
    }));
    const bytes = toBinary(LabelledBlockSchema, create(LabelledBlockSchema, { models: [{ modelName: 'picked', modelVersion: 1 }], rows }));
    await training.publishBlock(predictionLabelled, bytes);
    await eventually(async () => (await training.query('select 1 from label_selections')).length === 2);
    await grow('picked');
    await known('picked', 2);
    await driftOf('picked');
    await says('picked', '90 % of 200 labels since the last training are of cases picked by investigator');
    expect(await runsOf('picked')).toHaveLength(1);
  });

  it('stop after runs in a row that did not win', async () => {
    await trained('losing', { maxLossesInARow: 1 });
    const [{ result }] = await runsOf('losing');
    const moved = { modelName: 'losing', version: 1, alias: 'champion' as const, environment: 'production' as const };
    await training.publish(aliasMoved, { ...moved, artifactDigest: result.artifactDigest, promotionId: newId(), rolloutId: newId() });
    await eventually(async () => (await training.query(`select 1 from champions where model_name = 'losing'`)).length === 1);
    // the same data again: there is nothing to win
    expect((await api.post('pipelines/losing/runs', {})).status).toBe(201);
    await eventually(async () => (await succeeded('losing')).length === 2, waitMs);
    expect((await runsOf('losing'))[0].result.champion.comparison).toMatchObject({ verdict: 'no-difference', metric: 'logLoss' });
    await grow('losing');
    await known('losing', 2);
    await driftOf('losing');
    await says('losing', 'the last 1 runs failed or did not beat the champion');
  });

  it('keep on record that a run by hand was refused', async () => {
    const name = 'empty';
    await api.post('pipelines', { ...pipeline, name, modelName: name, datasetName: name });
    const key = { 'idempotency-key': 'refused' };
    expect((await api.post(`pipelines/${name}/runs`, {}, key)).body.code).toBe('training.trigger_held');
    expect(await decisionsOf(name)).toMatchObject([
      { cause: 'manual', outcome: 'hold', reasons: ['dataset empty has no published version'] },
    ]);
  });
});
