import { decisionRecorded, type GroundTruthItem, groundTruthReceived } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Shot, shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 30_000 };

describe('predictions and their labels', () => {
  let monitoring: Monitoring;
  let url: string;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    // two replicas, as in production: nothing may be done twice
    ({ url } = await monitoring.start());
    await monitoring.start();
    api = clientOf(url, await monitoring.key(['operator']));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  it('hold no alerts of other models for a key, however the list is asked for', async () => {
    for (const [i, name] of ['loans', 'claims-a', 'loans', 'claims-b', 'loans'].entries()) {
      const values = [newId(), name, `key-${i}`];
      await monitoring.query(
        `insert into monitoring.alerts values ($1, $2, 'feature-drift', $3, 'warning', 'drift', now(), now(), 'gone')`,
        values,
      );
    }
    const narrow = clientOf(url, await monitoring.key(['operator'], ['claims-*']));
    await eventually(async () => (await narrow.get('alerts')).status === 200, waitMs);
    const first = (await narrow.get('alerts?limit=1')).body;
    const second = (await narrow.get(`alerts?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map(({ modelName }) => modelName)).toEqual(['claims-b', 'claims-a']);
    expect(second.nextCursor).toBeNull();
    expect((await narrow.get('alerts?model=loans')).body.code).toBe('access.model_not_allowed');
    const ofModel = ['drift', 'broken-features', 'windows', 'performance', 'dataset-drift'].map((list) => `models/claims-a/${list}?`);
    for (const list of ['alerts?', 'capture/producers?', 'predictions?model=claims-a&', ...ofModel])
      expect([list, (await narrow.get(`${list}modl=claims-a`)).body.code]).toEqual([list, 'platform.invalid_request']);
  });

  const count = async (from: string, values: unknown[]) => (await monitoring.query<{ n: number }>(`select ${from}`, values))[0]!.n;
  const countOf = (ids: string[]) => count('count(*)::int as n from monitoring.predictions where prediction_id = any($1)', [ids]);
  const counted = (model: string) =>
    count('coalesce(sum(prediction_count), 0)::int as n from monitoring.windows where model_name = $1', [model]);
  /** A report about a record has come; two replicas handle what comes at once side by side. */
  const isReported = (recordId: string, label: number) => {
    const reports = 'count(*)::int as n from monitoring.truths where client_record_id = $1 and label = $2';
    return eventually(async () => (await count(reports, [recordId, label])) === 1, waitMs);
  };
  const label = (item: { label: number } & Partial<GroundTruthItem>, model = 'claims-triage') =>
    monitoring.publish(groundTruthReceived, {
      submissionId: newId(),
      modelName: model,
      keyId: 'testkey',
      items: [{ occurredAt: '1995-04-01T00:00:00Z', source: 'settlement', ...item }],
    });
  const labelsOf = (id: string) =>
    monitoring.query<{ revision: number; label: number }>(
      'select revision, label from monitoring.labels where prediction_id = $1 order by revision',
      [id],
    );

  it('a block that comes twice, also under another id, is stored and counted once', async () => {
    const shots = Array.from({ length: 40 }, () => shot({ model: 'twice' }));
    const id = await monitoring.publishBlock(shots);
    await monitoring.publishBlock(shots, id);
    await monitoring.publishBlock(shots);
    await monitoring.publishBlock([...shots, shot({ model: 'twice' })]);
    await eventually(async () => (await counted('twice')) === 41, waitMs);
    expect(await countOf(shots.map((one) => one.id))).toBe(40);
  });

  it('a prediction reads back as it was captured, with label and decision', async () => {
    const one = shot({ clientRecordId: 'claim-1', features: { phase: 'Approach', speed: null } });
    await monitoring.publishBlock([one]);
    await label({ clientRecordId: 'claim-1', label: 1 });
    await monitoring.publish(decisionRecorded, {
      submissionId: newId(),
      modelName: 'claims-triage',
      keyId: 'testkey',
      items: [{ predictionId: one.id, outcome: 'inspect', ruleVersion: 'r1', decidedAt: '1995-01-16T00:00:00Z' }],
    });
    const read = await eventually(async () => {
      const { body } = await api.get(`predictions/${one.id}`);
      return body.label && body.decision ? body : false;
    }, waitMs);
    expect(read).toMatchObject({
      modelName: 'claims-triage',
      modelVersion: 1,
      clientRecordId: 'claim-1',
      inputs: { phase: 'Approach', speed: null },
      outputs: { label: 0, probabilities: [0.8, 0.2] },
      score: 0.2,
      label: { label: 1, revision: 1, source: 'settlement' },
      decision: { outcome: 'inspect', ruleVersion: 'r1' },
    });
    const { body } = await api.get('predictions?clientRecordId=claim-1&model=claims-triage');
    expect(body.items.map((item: { predictionId: string }) => item.predictionId)).toEqual([one.id]);
  });

  it('a label that comes before its prediction waits for it', async () => {
    const [byId, byRecord] = [shot(), shot({ clientRecordId: 'early' })];
    await label({ predictionId: byId.id, label: 1 });
    await label({ clientRecordId: 'early', label: 0 });
    await isReported('early', 0);
    await monitoring.publishBlock([byId, byRecord]);
    await eventually(async () => (await labelsOf(byRecord.id)).length === 1 && (await labelsOf(byId.id)).length === 1, waitMs);
  });

  it('a correction is the next revision; the same truth again and an older one are not', async () => {
    const one = shot({ clientRecordId: 'corrected' });
    await monitoring.publishBlock([one]);
    await label({ clientRecordId: 'corrected', label: 0, occurredAt: '1995-04-01T00:00:00Z' });
    await eventually(async () => (await labelsOf(one.id)).length === 1, waitMs);
    await label({ clientRecordId: 'corrected', label: 0, occurredAt: '1995-04-02T00:00:00Z' });
    await label({ clientRecordId: 'corrected', label: 1, occurredAt: '1995-03-01T00:00:00Z' });
    await label({ clientRecordId: 'corrected', label: 1, occurredAt: '1995-05-01T00:00:00Z' });
    await eventually(async () => (await labelsOf(one.id)).length === 2, waitMs);
    expect(await labelsOf(one.id)).toEqual([
      { revision: 1, label: 0 },
      { revision: 2, label: 1 },
    ]);
    const published = await eventually(() => {
      const rows = monitoring.labelledRows().filter(({ prediction }) => prediction?.predictionId === one.id);
      return rows.length === 2 && rows;
    }, waitMs);
    expect(published.map(({ revision, label }) => [revision, label])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(published[0]!.prediction).toMatchObject({ clientRecordId: 'corrected', keyId: 'testkey', latencyUs: 900 });
  });

  it('a label says how its case was selected; who repeats it without saying so takes nothing back', async () => {
    const one = shot({ clientRecordId: 'selected' });
    await monitoring.publishBlock([one]);
    await label({ clientRecordId: 'selected', label: 1 });
    await eventually(async () => (await labelsOf(one.id)).length === 1, waitMs);
    await label({
      clientRecordId: 'selected',
      label: 1,
      occurredAt: '1995-04-02T00:00:00Z',
      selection: 'random',
      selectionNote: '1 in 50',
    });
    await eventually(async () => (await labelsOf(one.id)).length === 2, waitMs);
    await label({ clientRecordId: 'selected', label: 1, occurredAt: '1995-04-03T00:00:00Z' });
    await label({ clientRecordId: 'selected', label: 0, occurredAt: '1995-04-04T00:00:00Z', selection: 'complaint' });
    await eventually(async () => (await labelsOf(one.id)).length === 3, waitMs);
    const published = await eventually(() => {
      const rows = monitoring.labelledRows().filter(({ prediction }) => prediction?.predictionId === one.id);
      return rows.length === 3 && rows;
    }, waitMs);
    expect(published.map(({ revision, selection, selectionNote }) => [revision, selection, selectionNote])).toEqual([
      [1, 'unknown', ''],
      [2, 'random', '1 in 50'],
      [3, 'complaint', ''],
    ]);
    const { body } = await api.get(`predictions/${one.id}`);
    expect(body.label).toMatchObject({ label: 0, revision: 3, selection: 'complaint', selectionNote: null });
  });

  it('a correction that does not say how its case was selected keeps what was said before, also when both came before the prediction', async () => {
    const [late, early] = [shot({ clientRecordId: 'kept' }), shot({ clientRecordId: 'kept-early' })];
    const random = { label: 1, selection: 'random', selectionNote: '1 in 50' } as const;
    const correction = { label: 0, occurredAt: '1995-05-01T00:00:00Z' };
    await label({ clientRecordId: 'kept-early', ...random });
    await isReported('kept-early', 1);
    await label({ clientRecordId: 'kept-early', ...correction });
    await isReported('kept-early', 0);
    await monitoring.publishBlock([late]);
    await label({ clientRecordId: 'kept', ...random });
    await eventually(async () => (await labelsOf(late.id)).length === 1, waitMs);
    await label({ clientRecordId: 'kept', ...correction });
    await eventually(async () => (await labelsOf(late.id)).length === 2, waitMs);
    await monitoring.publishBlock([early]);
    await eventually(async () => (await labelsOf(early.id)).length === 1, waitMs);
    for (const { id } of [late, early]) {
      const { body } = await api.get(`predictions/${id}`);
      expect(body.label).toMatchObject({ label: 0, selection: 'random', selectionNote: '1 in 50' });
    }
  });

  it('a label for another model of the same record does not join', async () => {
    const one = shot({ clientRecordId: 'shared', model: 'other-model' });
    await monitoring.publishBlock([one]);
    await label({ clientRecordId: 'shared', label: 1 });
    await label({ clientRecordId: 'shared', label: 0 }, 'other-model');
    await eventually(async () => (await labelsOf(one.id)).length === 1, waitMs);
    expect(await labelsOf(one.id)).toEqual([{ revision: 1, label: 0 }]);
  });

  it('every decision is kept with its reporter, the latest is current', async () => {
    const one = shot({ clientRecordId: 'decided' });
    await monitoring.publishBlock([one]);
    const decide = (reportedBy: string, outcome: string, decidedAt: string, modelName = 'claims-triage') =>
      monitoring.publish(decisionRecorded, {
        submissionId: newId(),
        modelName,
        keyId: `key-of-${reportedBy}`,
        reportedBy,
        items: [{ predictionId: one.id, outcome, ruleVersion: 'r1', decidedAt }],
      });
    await decide('portal', 'inspect', '1995-01-16T00:00:00Z');
    await decide('back-office', 'pay', '1995-01-17T00:00:00Z');
    await decide('stranger', 'deny', '1995-01-18T00:00:00Z', 'i64');
    await label({ predictionId: one.id, label: 1 }, 'i64');
    const { items } = await eventually(async () => {
      const { body } = await api.get('models/i64/unmatched');
      return body.items?.length === 2 && body;
    }, waitMs);
    expect(new Set(items.map(({ kind, reason }: { kind: string; reason: string }) => `${kind}: ${reason}`))).toEqual(
      new Set(['decision: the prediction is of another model', 'ground-truth: the prediction is of another model']),
    );
    const read = await eventually(async () => {
      const { body } = await api.get(`predictions/${one.id}`);
      return body.decisions?.length === 2 && body;
    }, waitMs);
    const told = (read.decisions as Record<string, unknown>[]).map(({ reportedBy, keyId, outcome, isCurrent }) => [
      reportedBy,
      keyId,
      outcome,
      isCurrent,
    ]);
    expect(told).toEqual([
      ['back-office', 'key-of-back-office', 'pay', true],
      ['portal', 'key-of-portal', 'inspect', false],
    ]);
    expect(read).toMatchObject({ label: null, decision: { outcome: 'pay', reportedBy: 'back-office' } });
    await label({ predictionId: one.id, label: 1 });
    await eventually(async () => (await api.get(`predictions/${one.id}`)).body.label?.keyId === 'testkey', waitMs);
  });

  it('a block nobody can read goes to the dead letter and stops nothing', async () => {
    await monitoring.publishRaw(Buffer.from('not a block'));
    const one = shot();
    await monitoring.publishBlock([one]);
    await eventually(async () => (await countOf([one.id])) === 1, waitMs);
  });

  it('a client reads predictions of its models only', async () => {
    const client = clientOf(url, await monitoring.key(['client'], ['other-*']));
    await eventually(async () => (await client.get('predictions?model=other-model')).status === 200, waitMs);
    expect((await client.get('predictions?model=claims-triage')).status).toBe(403);
    expect((await client.get('models/other-model/drift')).status).toBe(403);
  });

  it('lists are read on by cursor', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await api.get(`predictions?model=twice&limit=20&order=oldest${cursor}`);
      seen.push(...body.items.map((item: { predictionId: string }) => item.predictionId));
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(new Set(seen).size).toBe(41);
  });

  it('10,000 predictions and their labels are exact although connections are cut in between', async () => {
    const shots: Shot[] = Array.from({ length: 10_000 }, (_, i) =>
      shot({ model: 'bulk', clientRecordId: `bulk-${i}`, occurredAt: new Date(Date.UTC(1995, i % 12, 5)).toISOString() }),
    );
    // each time later than the time before: on a machine that needs long for one block, too, some block gets through
    const patience = { timeoutMs: 120_000 };
    let pauseMs = 300;
    let cut = setTimeout(function again() {
      void monitoring.cutConnections().catch(() => undefined);
      pauseMs *= 1.25;
      cut = setTimeout(again, pauseMs);
    }, pauseMs);
    onTestFinished(() => clearTimeout(cut));
    for (let from = 0; from < shots.length; from += 250) {
      const part = shots.slice(from, from + 250);
      await monitoring.publishBlock(part);
      await monitoring.publish(groundTruthReceived, {
        submissionId: newId(),
        modelName: 'bulk',
        keyId: 'testkey',
        items: part.map((one, i) => ({
          clientRecordId: one.clientRecordId,
          label: i % 5 ? 0 : 1,
          occurredAt: '1996-01-01T00:00:00Z',
          source: 'settlement',
        })),
      });
    }
    await eventually(async () => (await countOf(shots.map((one) => one.id))) > 3000, patience);
    clearTimeout(cut);
    await eventually(async () => (await counted('bulk')) === 10_000, patience);
    const labelled = () => monitoring.labelledRows().filter(({ prediction }) => prediction?.clientRecordId.startsWith('bulk-'));
    await eventually(() => labelled().length >= 10_000, patience);
    expect(labelled()).toHaveLength(10_000);
    expect(new Set(labelled().map(({ prediction }) => prediction!.predictionId)).size).toBe(10_000);
    expect(labelled().every(({ revision }) => revision === 1)).toBe(true);
  });
});
