import { groundTruthReceived } from '@bascule/contracts';
import { newId } from '@bascule/platform';
import { eventually } from '@bascule/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, type Monitoring, startMonitoring } from './start-monitoring.js';

const waitMs = { timeoutMs: 30_000 };

describe('reports that belong to no prediction', () => {
  let monitoring: Monitoring;
  let url: string;
  let api: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    monitoring = await startMonitoring();
    ({ url } = await monitoring.start());
    api = clientOf(url, await monitoring.key(['operator']));
    await eventually(async () => (await api.get('alerts')).status === 200, waitMs);
  });
  afterAll(() => monitoring.stop());

  it('can be read by who sent them, and by nobody else but those who run models', async () => {
    const report = (reportedBy: string, clientRecordId: string) => {
      const submissionId = newId();
      const items = [{ clientRecordId, label: 1, occurredAt: '1995-04-01T00:00:00Z', source: 'settlement' }];
      const data = { submissionId, modelName: 'unmatched', keyId: 'k', reportedBy, items };
      return monitoring.publish(groundTruthReceived, data).then(() => submissionId);
    };
    const first = await report('client@test', 'mistyped-1');
    await report('client@test', 'mistyped-2');
    await report('somebody@else', 'mistyped-3');
    const client = clientOf(url, await monitoring.key(['client'], ['unmatched']));
    const seenBy = async (who: typeof client, query = '') => {
      const { body } = await who.get(`models/unmatched/unmatched${query}`);
      return ((body.items ?? []) as { clientRecordId: string }[]).map(({ clientRecordId }) => clientRecordId).sort();
    };
    const all = ['mistyped-1', 'mistyped-2', 'mistyped-3'];
    await eventually(async () => (await seenBy(api)).length === 3, waitMs);
    expect(await seenBy(api)).toEqual(all);
    await eventually(async () => (await seenBy(client)).length === 2, waitMs);
    expect(await seenBy(client)).toEqual(all.slice(0, 2));
    expect(await seenBy(client, `?submissionId=${first}`)).toEqual(['mistyped-1']);
    expect((await client.get('models/claims-triage/unmatched')).status).toBe(403);
  });
});
