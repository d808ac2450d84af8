import { aliasMoved, datasetProfiled, groundTruthReceived, type ReferenceProfile } from '@bascule/contracts';
import { newId, type RunningService } from '@bascule/platform';
import { type Role } from '@bascule/proto';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shot } from './blocks.js';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 30_000 };

describe('rows that do not fit', () => {
  let monitoring: Monitoring;
  let service: RunningService;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    service = await monitoring.start();
    api = clientOf(service.url, await monitoring.key(['operator']));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  const label = (clientRecordIds: string[]) =>
    monitoring.publish(groundTruthReceived, {
      submissionId: newId(),
      modelName: 'claims-triage',
      keyId: 'testkey',
      items: clientRecordIds.map((clientRecordId) => ({
        clientRecordId,
        label: 1,
        occurredAt: '1995-04-01T00:00:00Z',
        source: 'settlement',
      })),
    });

  it('labels of rows too wide for one message together are published in several', async () => {
    const shots = Array.from({ length: 30 }, (_, i) =>
      shot({ clientRecordId: `wide-${i}`, features: { phase: 'x'.repeat(60_000), speed: 1 } }),
    );
    for (let from = 0; from < shots.length; from += 10) await monitoring.publishBlock(shots.slice(from, from + 10));
    await label(shots.map(({ clientRecordId }) => clientRecordId));
    const published = () => new Set(monitoring.labelledRows().flatMap(({ prediction }) => (prediction ? [prediction.clientRecordId] : [])));
    await eventually(() => shots.every(({ clientRecordId }) => published().has(clientRecordId)), waitMs);
  });

  const stored = (...ids: string[]) =>
    monitoring.query<{ prediction_id: string; client_record_id: string }>(
      'select prediction_id, client_record_id from monitoring.predictions where prediction_id::text = any($1) order by 2',
      [ids],
    );

  it('a record id with a NUL keeps no other row of its block from being stored, and is found as it was sent', async () => {
    const [odd, sound] = [shot({ clientRecordId: 'a\0b' }), shot({ clientRecordId: 'sound' })];
    await monitoring.publishBlock([odd, sound]);
    await label(['a\0b']);
    await eventually(async () => (await stored(odd.id, sound.id)).length === 2, waitMs);
    expect((await stored(odd.id, sound.id)).map((row) => row.client_record_id)).toEqual(['a\uFFFDb', 'sound']);
    const found = await eventually(async () => {
      const { body } = await api.get(`predictions/${odd.id}`);
      return body.label ? body : false;
    }, waitMs);
    expect(found).toMatchObject({ clientRecordId: 'a\0b', label: { label: 1 } });
    const { body } = await api.get(`predictions?model=claims-triage&clientRecordId=${encodeURIComponent('a\uFFFDb')}`);
    expect(body.items.map((item: { predictionId: string }) => item.predictionId)).toEqual([odd.id]);
  });

  it('rows that no table can hold are set aside with the reason, and all others of their block are stored', async () => {
    const sound = Array.from({ length: 20 }, () => shot());
    const [nameless, early] = [shot({ id: newId().slice(0, -1) }), shot({ occurredAt: '0001-01-01T00:00:00Z' })];
    // passes every check of ours: the database refuses it
    const roleless = shot({ role: 70_000 as Role });
    await monitoring.publishBlock([nameless, ...sound.slice(0, 10), roleless, early, ...sound.slice(10)]);
    await eventually(async () => (await stored(...sound.map(({ id }) => id))).length === 20, waitMs);
    const aside = await eventually(async () => {
      const found = await monitoring.query<{ prediction_id: string; reason: string; rows: number }>(
        'select prediction_id, reason from monitoring.unstorable_rows where prediction_id = any($1)',
        [[nameless.id, early.id, roleless.id]],
      );
      return found.length >= 3 && found;
    }, waitMs);
    const reasons = Object.fromEntries(aside.map(({ prediction_id: id, reason }) => [id, reason]));
    expect(reasons[nameless.id]).toContain('prediction id');
    expect(reasons[early.id]).toContain('1900');
    expect(reasons[roleless.id]).toContain('smallint');
    expect((await stored(early.id, roleless.id)).length).toBe(0);
  });

  it('infinity is shown as the model saw it', async () => {
    const one = shot({ features: { speed: Infinity, height: -Infinity, weight: null } });
    await monitoring.publishBlock([one]);
    const { body } = await eventually(async () => {
      const answer = await api.get(`predictions/${one.id}`);
      return answer.status === 200 && answer;
    }, waitMs);
    expect(body.inputs).toEqual({ speed: 'Infinity', height: '-Infinity', weight: null });
  });

  it('an older move of the champion that arrives late changes nothing', async () => {
    const move = async (version: number, time: string) =>
      monitoring.publish(
        aliasMoved,
        {
          modelName: 'claims-triage',
          environment: 'production',
          alias: 'champion',
          version,
          artifactDigest: 'a'.repeat(64),
          promotionId: newId(),
          rolloutId: newId(),
        },
        newId(),
        time,
      );
    const production = async (model: string) =>
      (
        await monitoring.query<{ production_version: number }>(
          'select production_version from monitoring.monitored_models where model_name = $1',
          [model],
        )
      )[0]?.production_version;
    await move(3, '2002-03-01T00:00:00Z');
    await eventually(async () => (await production('claims-triage')) === 3, waitMs);
    const late = await move(2, '2002-02-01T00:00:00Z');
    const handled = () => monitoring.query('select 1 from monitoring.inbox where event_id = $1', [late]);
    await eventually(async () => (await handled()).length === 1, waitMs);
    expect(await production('claims-triage')).toBe(3);
  });

  const months = (model: string, features: Record<string, string>) => [
    ...Array.from({ length: 40 }, () => shot({ model, features, occurredAt: '1995-01-15T00:00:00Z' })),
    shot({ model, features, occurredAt: '1995-02-15T00:00:00Z' }),
  ];
  const verdicts = async (model: string): Promise<unknown[]> => (await api.get(`models/${model}/drift?grain=month`)).body.items;

  it('a category with a NUL or half a surrogate pair keeps its model from no verdict', async () => {
    for (const [model, phase] of [
      ['odd-nul', '\0'],
      ['odd-emoji', `${'x'.repeat(39)}\u{1F600}`],
    ] as const) {
      await monitoring.register(model, 1, profileOfPhases());
      await monitoring.publishBlock(months(model, { phase }));
      await eventually(async () => (await verdicts(model)).length === 1, waitMs);
      await eventually(async () => {
        const { body } = await api.get(`models/${model}/broken-features`);
        expect(body.items[0]?.fault).toMatch(/constant|unknown/);
      }, waitMs);
    }
  });

  it.each(['drift_reports', 'fault_checks'])(
    'a window that fails at its %s holds up no other, is shown in health and judged once it can be',
    async (name) => {
      const table = `monitoring.${name}`;
      const [stuck, free] = [`stuck-${name}`, `free-${name}`];
      await monitoring.query(`alter table ${table} add constraint no_verdict check (model_name not like 'stuck-%') not valid`);
      for (const model of [stuck, free]) {
        await monitoring.register(model, 1, profileOfPhases());
        await monitoring.publishBlock(months(model, { phase: 'Climb' }));
      }
      await eventually(async () => (await verdicts(free)).length === 1, waitMs);
      const health = async () => {
        const answer = await fetch(`${service.url}/health/ready`);
        const { checks } = (await answer.json()) as { checks: { evaluation: { ok: boolean; critical?: boolean; detail: string } } };
        return { status: answer.status, ...checks.evaluation };
      };
      const shown = await eventually(async () => {
        const found = await health();
        return found.ok ? false : found;
      }, waitMs);
      expect(shown).toMatchObject({ status: 200, ok: false, critical: false });
      expect(shown.detail).toMatch(/judge drift failed \d+ times in a row: .*no_verdict/);
      const { adminUrl } = service;
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      expect(metrics).toMatch(/bascule_monitoring_task_failures\{.*task="judge drift".*\} [1-9]/);
      expect(await verdicts(stuck)).toEqual([]);
      await monitoring.query(`alter table ${table} drop constraint no_verdict`);
      await eventually(async () => (await verdicts(stuck)).length === 1 && (await health()).ok, waitMs);
    },
  );

  it('a dataset version is held against the one a model was trained on by the profiles of both, as soon as there are both', async () => {
    const [model, datasetName, trainedOn, later] = ['fed', 'fed-claims', 'd'.repeat(64), 'e'.repeat(64)];
    const path = `models/${model}/dataset-drift`;
    const profile = (datasetVersion: string, counts: Record<string, number>) => ({
      ...{ schemaVersion: 1, datasetName, datasetVersion, rowCount: 1000, labelledCount: 1000, labelledShare: 1 },
      columns: [
        {
          ...{ name: 'phase', type: 'string', role: 'feature', nullable: true, count: 1000, missing: 0, distinct: 2, isApproximate: false },
          categories: Object.entries(counts).map(([value, count]) => ({ value, count })),
          otherCount: 0,
        },
      ],
    });
    const tell = async (datasetVersion: string, counts: Record<string, number>) => {
      const profileDigest = await monitoring.store(profile(datasetVersion, counts));
      await monitoring.publish(datasetProfiled, { datasetName, datasetVersion, profileDigest, rowCount: 1000, labelledCount: 1000 });
    };
    expect((await api.get(`${path}?version=1`)).body.code).toBe('monitoring.model_not_found');
    const reference = profileOfPhases();
    const hidden = { ...reference.features[0]!, name: 'driver' };
    await monitoring.register(model, 1, { ...reference, datasetName, features: [...reference.features, hidden] });
    await tell(later, { Climb: 900, Approach: 100 });
    await eventually(async () => (await api.get(`${path}?version=1`)).body.code === 'monitoring.dataset_unprofiled', waitMs);
    await tell(trainedOn, { Climb: 500, Approach: 500 });
    const query = `${path}?version=1&datasetVersion=${later}`;
    const { body } = await eventually(async () => {
      const answer = await api.get(query);
      return answer.status === 200 && answer;
    }, waitMs);
    const both = { version: 1, datasetName, trainedOn, datasetVersion: later };
    expect(body).toMatchObject({ ...both, verdict: 'drifted', notCompared: ['driver'] });
    expect(body.features).toMatchObject([{ feature: 'phase', verdict: 'drifted', score: expect.closeTo(0.879, 3), currentCount: 1000 }]);
    const same = await api.get(`${path}?version=1&datasetVersion=${trainedOn}`);
    expect(same.body).toMatchObject({ verdict: 'stable', features: [{ score: 0 }] });
    expect((await api.get(`${path}?version=1`)).status).toBe(200);
    expect((await api.get(path)).body.code).toBe('monitoring.model_not_found');
    const stranger = clientOf(service.url, await monitoring.key(['operator'], ['other']));
    // the service hears of a new key a moment later
    await eventually(async () => expect((await stranger.get(query)).status).toBe(403));
  });

  it('the policy of a model that nobody has heard of is not found, until somebody sets one', async () => {
    expect((await api.get('models/nonexistent/policy')).status).toBe(404);
    await api.put('models/nonexistent/policy', {});
    expect((await api.get('models/nonexistent/policy')).status).toBe(200);
  });

  it.each(['alerts', 'predictions?model=x', 'models/x/drift', 'models/x/windows', 'models/x/performance', 'models/x/broken-features'])(
    'an empty cursor is refused in %s',
    async (list) => {
      const { status, body } = await api.get(`${list}${list.includes('?') ? '&' : '?'}cursor=`);
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'platform.invalid_request' });
    },
  );
});

function profileOfPhases(): ReferenceProfile {
  return {
    schemaVersion: 1,
    datasetName: 'birdstrikes',
    datasetVersion: 'd'.repeat(64),
    rowCount: 200,
    occurredFrom: '1990-01-01T00:00:00Z',
    occurredTo: '1995-01-01T00:00:00Z',
    features: [
      {
        name: 'phase',
        kind: 'categorical',
        missing: 0,
        categories: [
          { value: 'Climb', count: 100 },
          { value: 'Approach', count: 100 },
        ],
      },
    ],
    prediction: { name: 'damaged', kind: 'numeric', missing: 0, edges: [0.5], counts: [150, 50], min: 0, max: 1, quantiles: [] },
    performance: { rowCount: 200, positiveCount: 50, auc: 0.8, logLoss: 0.3, brier: 0.1 },
  };
}
