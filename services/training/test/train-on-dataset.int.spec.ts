import {
  aliasMoved,
  datasetProfile,
  datasetProfiled,
  datasetPublished,
  driftDetected,
  featureBroken,
  modelSignature,
  type RunSucceeded,
  referenceProfile,
  versionRegistered,
} from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inYears, readBirdstrikes } from './birdstrikes.js';
import { clientOf, listed, pipeline, startTraining, type Training } from './start-training.js';
import { storeDataset } from './store-dataset.js';

const claims = readBirdstrikes();
const waitMs = { timeoutMs: 30_000 };
const drift = { method: 'psi', score: 0.5, expectedNoise: 0.1, threshold: 0.25, currentCount: 700, referenceCount: 3000, reasons: [] };
const driftOf = (feature: string, from: string, to: string) => ({
  reportId: newId(),
  modelName: 'claims-triage',
  version: 1,
  window: { from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z` },
  features: [{ feature, ...drift }],
});

describe('training, from the first dataset version to retraining on drift', () => {
  let training: Training;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    training = await startTraining();
    const { url } = await training.start();
    api = clientOf(url, await training.key(['scientist']));
    await eventually(async () => (await api.get('pipelines')).status === 200);
  });
  afterAll(() => training.stop());

  const runs = async () => (await api.get('runs?pipeline=claims-triage')).body.items;
  const succeeded = () => training.events('training.run.succeeded.v1');
  const triggers = async () => (await api.get('triggers')).body.items;

  it('trains once on the first version and publishes artifact, profile and metrics', async () => {
    expect((await api.post('pipelines', pipeline)).status).toBe(201);
    const published = await storeDataset(training.objects, inYears(claims, 1990, 1994));
    const eventId = await training.publish(datasetPublished, published);
    const [event] = await eventually(() => listed(succeeded()), waitMs);
    const { data } = event!;
    expect(data).toMatchObject({
      datasetVersion: published.datasetVersion,
      evaluationDatasetVersion: published.datasetVersion,
      attempt: 1,
    });
    expect((data['metrics'] as { auc: number }).auc).toBeGreaterThan(0.7);
    expect(modelSignature.parse(data['signature']).inputs).toHaveLength(9);
    expect((await training.objects.get(data['artifactDigest'] as string)).byteLength).toBe(data['artifactSizeBytes']);
    const profile = referenceProfile.parse(JSON.parse((await training.objects.get(data['profileDigest'] as string)).toString()));
    // its hold-out is too small to say how features are spread
    expect(profile).toMatchObject({ featuresFrom: 'all-rows', rowCount: inYears(claims, 1990, 1994).length });
    expect((data['trainedOn'] as { to: string }).to < (data['evaluatedOn'] as { from: string }).from).toBe(true);
    const [decided] = training.events('training.trigger.decided.v1');
    expect(decided).toMatchObject({ causationId: eventId, data: { cause: 'dataset-published', outcome: 'run' } });
    const [requested] = training.events('training.run.requested.v1');
    expect(requested!.causationId).toBe(decided!.id);
    expect(event!.correlationId).toBe(decided!.correlationId);
  });

  it('does nothing more when the same event is delivered again', async () => {
    const published = await storeDataset(training.objects, inYears(claims, 1990, 1994));
    await training.publish(datasetPublished, published);
    await eventually(async () => (await triggers())[0].reasons[0] === 'a run has already succeeded; new data alone is no reason');
    expect(await runs()).toHaveLength(1);
  });

  it('holds drift for lack of rows, says so once, and runs when the rows have come', async () => {
    await training.publish(driftDetected, driftOf('operator', '1995-01-01', '1996-01-01'));
    const held = () => training.events('training.trigger.decided.v1').filter(({ data }) => data['cause'] === 'drift-detected');
    await eventually(() => held().length === 1);
    expect(held()[0]!.data['reasons']).toEqual(['0 new labelled rows since the last training, 3,000 needed']);
    const driftId = await training.publish(driftDetected, driftOf('operator', '1996-01-01', '1997-01-01'));
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(claims, 1990, 1996)));
    const champion = succeeded()[0]!.data;
    const { artifactDigest, artifactSizeBytes, profileDigest: firstProfile, signature } = champion as unknown as RunSucceeded['data'];
    await training.publish(versionRegistered, {
      modelName: 'claims-triage',
      version: 1,
      registeredBy: 'registry',
      artifactDigest,
      artifactSizeBytes,
      profileDigest: firstProfile,
      signature,
      metrics: {},
    });
    const told = () => training.query(`select outputs from training.version_outputs where model_name = 'claims-triage' and version = 1`);
    await eventually(async () => (await told()).length === 1);
    expect((await told())[0]).toEqual({ outputs: signature.outputs });
    await training.publish(aliasMoved, {
      modelName: 'claims-triage',
      version: 1,
      alias: 'champion',
      environment: 'production',
      artifactDigest: champion['artifactDigest'] as string,
      promotionId: newId(),
      rolloutId: newId(),
    });
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(claims, 1990, 2001)));
    await eventually(() => succeeded().length === 2, waitMs);
    expect(held().map(({ data }) => data['outcome'])).toEqual(['hold', 'run']);
    expect(held()[1]!.causationId).toBe(driftId);
    const { metrics, champion: compared, trainedOn, evaluatedOn, profileDigest } = succeeded()[1]!.data as unknown as RunSucceeded['data'];
    const profile = referenceProfile.parse(JSON.parse((await training.objects.get(profileDigest)).toString()));
    expect(profile).toMatchObject({ featuresFrom: 'hold-out', rowCount: evaluatedOn.rowCount, occurredFrom: evaluatedOn.from });
    expect(trainedOn.from >= '1995-12-30').toBe(true);
    expect(compared).toMatchObject({ version: 1, artifactDigest: champion['artifactDigest'] });
    expect((await runs())[0].result).toMatchObject({ metrics, champion: compared });
    expect(metrics['auc']).toBeGreaterThan(compared!.metrics['auc']! + 0.01);
  });

  it('holds when a feature is broken, and leaves its rows out of the next run', async () => {
    const broken = {
      reportId: newId(),
      modelName: 'claims-triage',
      version: 2,
      window: { from: '2001-01-01T00:00:00Z', to: '2001-03-01T00:00:00Z' },
    };
    await training.publish(featureBroken, { ...broken, feature: 'speed_knots', fault: 'scale-changed', reasons: ['1.85 times'] });
    await training.publish(driftDetected, driftOf('speed_knots', '2001-01-01', '2002-01-01'));
    await eventually(async () => (await triggers())[0].reasons[0].startsWith('feature speed_knots is broken'));
    expect(await runs()).toHaveLength(2);
    const { status, body } = await api.post('pipelines/claims-triage/runs', {});
    expect(status).toBe(201);
    const run = await eventually(async () => {
      const found = (await api.get(`runs/${body.runId}`)).body;
      return found.status === 'succeeded' && found;
    }, waitMs);
    const left = inYears(claims, 2001, 2001).filter(({ occurredAt }) => occurredAt < Date.parse('2001-03-01')).length;
    expect(run.reason).toBe(`${left} rows of windows with a broken feature were left out`);
  });

  it('keeps a held drift when a later one is void, and trains on it once the rows are there', async () => {
    const driftId = await training.publish(driftDetected, driftOf('aircraft', '2001-02-01', '2002-02-01'));
    await eventually(async () => (await triggers())[0].reasons[0].startsWith('0 new labelled rows'));
    await training.publish(driftDetected, driftOf('colour', '2002-01-01', '2002-02-01'));
    await eventually(async () => (await triggers())[0].reasons[0] === 'none of the drifted features is used by this pipeline');
    const { name, ...body } = { ...pipeline, triggers: { ...pipeline.triggers, minNewLabelledRows: 500 } };
    await api.put(`pipelines/${name}`, body);
    await training.publish(datasetPublished, await storeDataset(training.objects, inYears(claims, 1990, 2002)));
    await eventually(() => listed(succeeded(), 4), waitMs);
    const decided = training.events('training.trigger.decided.v1').findLast(({ data }) => data['outcome'] === 'run')!;
    expect(decided).toMatchObject({ causationId: driftId, data: { cause: 'drift-detected', outcome: 'run' } });
    expect(decided.data['reasons']).toEqual([`drift of aircraft, with ${inYears(claims, 2002, 2002).length} new labelled rows`]);
  });

  it('warns of what the profiles of its data say, against those of the data learnt from before', async () => {
    const datasetName = 'profiled';
    const profiled = async (rows: ReturnType<typeof inYears>, missing: number) => {
      const published = await storeDataset(training.objects, rows, { datasetName });
      const { datasetVersion, rowCount, labelledCount } = published;
      const facts = { type: 'string', role: 'feature', nullable: true, distinct: 20, isApproximate: false } as const;
      const columns = [{ name: 'operator', ...facts, count: rowCount - missing, missing }];
      const of = { schemaVersion: 1, datasetName, datasetVersion, rowCount, labelledCount, labelledShare: 1, columns } as const;
      const { digest } = await training.objects.put(Buffer.from(JSON.stringify(datasetProfile.parse(of))));
      await training.publish(datasetProfiled, { datasetName, datasetVersion, profileDigest: digest, rowCount, labelledCount });
      const known = () => training.query('select 1 from training.dataset_profiles where dataset_version = $1', [datasetVersion]);
      await eventually(async () => (await known()).length === 1);
      await training.publish(datasetPublished, published);
      return published;
    };
    const ended = async (count: number) => {
      const found = (await api.get('runs?pipeline=profiled')).body.items;
      return found.length === count && found[0].status === 'succeeded' && found[0];
    };
    expect((await api.post('pipelines', { ...pipeline, name: 'profiled', modelName: 'profiled', datasetName })).status).toBe(201);
    const before = inYears(claims, 1990, 1992);
    await profiled(before, 0);
    expect((await eventually(() => ended(1), waitMs)).reason ?? '').not.toContain('operator');
    const now = inYears(claims, 1990, 1993);
    const { datasetVersion } = await profiled(now, Math.round(now.length / 2));
    const latest = () => training.query('select 1 from training.dataset_versions where version = $1', [datasetVersion]);
    await eventually(async () => (await latest()).length === 1);
    expect((await api.post('pipelines/profiled/runs', {})).status).toBe(201);
    expect((await eventually(() => ended(2), waitMs)).reason).toContain(
      'operator is missing in 50 % of the rows; in the data learnt from before it was in 0 %',
    );
  });
});
