import { aliasMoved, groundTruthReceived } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shot } from './blocks.js';
import { type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 30_000 };

describe('rows that do not fit', () => {
  let monitoring: Monitoring;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    await monitoring.start();
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

  it('a record id with a NUL keeps no other row of its block from being stored', async () => {
    const [odd, sound] = [shot({ clientRecordId: 'a\0b' }), shot({ clientRecordId: 'sound' })];
    await monitoring.publishBlock([odd, sound]);
    const stored = () =>
      monitoring.query<{ client_record_id: string }>(
        'select client_record_id from monitoring.predictions where prediction_id = any($1) order by 1',
        [[odd.id, sound.id]],
      );
    await eventually(async () => (await stored()).length === 2, waitMs);
    expect((await stored()).map((row) => row.client_record_id)).toEqual(['ab', 'sound']);
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
});
