import { predictionLabelled } from '@bascule/contracts';
import { listDeadLetters } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { LabelledBlockSchema, Role } from '@bascule/proto';
import { openTable } from '@bascule/tables';
import { eventually } from '@bascule/testing';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsContract, header, startIngestion } from './start-ingestion.js';

interface Labelled {
  claim: string;
  speed?: number;
  label?: number;
  revision?: number;
  id?: string;
  role?: Role;
  source?: string;
  selection?: string;
}

function block(modelName: string, rows: Labelled[]): Uint8Array {
  const models = [
    { modelName: 'someone-else', modelVersion: 1 },
    { modelName, modelVersion: 1, inputNames: ['size', 'speed'] },
  ];
  const message = create(LabelledBlockSchema, {
    models,
    rows: rows.map(
      ({ claim, speed = Number.NaN, label = 0, revision = 1, id = newId(), role = Role.CHAMPION, source = '', selection = '' }) => ({
        prediction: {
          ...{ predictionId: id, clientRecordId: claim, model: 1, role, occurredAtMs: BigInt(Date.UTC(1995, 0, 1)) },
          inputs: [{ kind: { case: 'text', value: 'Small' } }, { kind: { case: 'number', value: speed } }],
        },
        label,
        revision,
        source,
        selection,
      }),
    ),
  });
  return toBinary(LabelledBlockSchema, message);
}

describe('labelled predictions', () => {
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  beforeAll(async () => {
    ingestion = await startIngestion();
    await ingestion.call('POST', '/v1/contracts', { body: claimsContract });
    await ingestion.send('claims', 'claims', `${header}\nA1,1990-01-08,Small,140,None\n`);
  });
  afterAll(() => ingestion.stop());

  const publish = (rows: Labelled[], model = 'triage') =>
    ingestion.publisher.publishBlock(predictionLabelled, block(model, rows), { id: newId() });
  const current = async () => {
    const { body } = await ingestion.call('GET', '/v1/datasets/claims');
    return (await ingestion.call('GET', `/v1/datasets/claims/versions/${body.currentVersion}`)).body;
  };
  const pending = async () => (await ingestion.call('GET', '/v1/datasets/claims/feedback')).body.items[0].pendingCount;

  it('that cannot be read are given up at once', async () => {
    await ingestion.publisher.publishBlock(predictionLabelled, Buffer.from('not a block'), { id: newId() });
    const letter = await eventually(async () => (await listDeadLetters(ingestion.connection)).items[0] ?? false);
    expect(letter).toMatchObject({ reader: 'ingestion', errorCode: 'messaging.malformed', attempts: 1 });
  });

  it('need a rule that fits the contract', async () => {
    const path = '/v1/datasets/claims/feedback';
    const wrong = await ingestion.call('POST', path, { body: { modelName: 'triage', labelColumn: 'harmed' } });
    expect([wrong.status, wrong.body.detail]).toEqual([422, 'contract claims has no column harmed']);
    const rule = { modelName: 'triage', labelColumn: 'damaged', idFrom: 'client_record_id', timeColumn: 'day' };
    const made = await ingestion.call('POST', path, { body: rule });
    expect(made.body).toMatchObject({ datasetName: 'claims', idColumn: 'claim', pendingCount: 0, createdBy: 'scientist-1' });
    expect((await ingestion.call('POST', path, { body: rule, key: await ingestion.keyFor('client') })).status).toBe(403);
  });

  it('wait until there are enough of them, then become a part of production origin', async () => {
    await publish([{ claim: 'P1', speed: 100 }, { claim: 'P2' }]);
    await eventually(async () => (await pending()) === 2);
    await publish([{ claim: 'P3', label: 1 }]);
    const version = await eventually(async () => {
      const found = await current();
      return found.sequence === 2 && found;
    });
    expect(version).toMatchObject({ rowCount: 4, newLabelledCount: 3, occurredTo: '1995-01-01T00:00:00.000Z' });
    expect(version.manifest.parts[1]).toMatchObject({ origin: 'production', rowCount: 3, labelledCount: 3 });
    expect(await pending()).toBe(0);
  });

  it('pass the same contract: what is out of range is quarantined, what is known is a duplicate', async () => {
    await publish([{ claim: 'Q1', speed: 648 }, { claim: 'P1', speed: 1 }, { claim: 'Q2', speed: 2 }, { claim: 'Q3' }]);
    const version = await eventually(async () => {
      const found = await current();
      return found.sequence === 3 && found;
    });
    const { body: batch } = await ingestion.call('GET', `/v1/batches/${version.batchId}`);
    expect(batch).toMatchObject({ origin: 'production', status: 'validated' });
    expect(batch.report).toMatchObject({
      acceptedCount: 2,
      quarantinedCount: 1,
      duplicateCount: 1,
      balance: { read: 4, accepted: 2, quarantined: 1, dropped: 1 },
      reasons: { out_of_range: 1, duplicate_key: 1 },
    });
  });

  it('count once: the last revision of a label wins, shadows and other models are left out', async () => {
    const id = newId();
    await publish([{ claim: 'R1', id, label: 0 }]);
    await publish([{ claim: 'R1', id, label: 1, revision: 2 }]);
    await publish([
      { claim: 'R1', id, label: 0, revision: 1 },
      { claim: 'S1', role: Role.SHADOW },
    ]);
    await publish([{ claim: 'X1' }], 'unrelated');
    await publish([{ claim: 'R2' }]);
    await eventually(async () => (await pending()) === 2);
    await publish([{ claim: 'R3' }]);
    const version = await eventually(async () => {
      const found = await current();
      return found.sequence === 4 && found;
    });
    expect(version.rowCount).toBe(9);
  });

  it('that cannot be stored hold up no others', async () => {
    await publish([{ claim: 'T1' }, { claim: 'T2\0' }, { claim: 'T3', id: 'no-uuid\0' }, { claim: 'T4' }]);
    const version = await eventually(async () => {
      const found = await current();
      return found.sequence === 5 && found;
    });
    expect(version.rowCount).toBe(11);
    const { body: batch } = await ingestion.call('GET', `/v1/batches/${version.batchId}`);
    expect(batch.report).toMatchObject({ acceptedCount: 2, quarantinedCount: 1, reasons: { unstorable_text: 1 } });
  });

  it('that are corrected later take the place of the row, with the source, revision and selection of each label', async () => {
    const before = await current();
    const ids = [newId(), newId(), newId()];
    const settled = { source: 'settlement', selection: 'all' };
    await publish(ids.map((id, i) => ({ claim: `U${i}`, id, label: 0, ...settled })));
    const first = await eventually(async () => {
      const found = await current();
      return found.sequence === before.sequence + 1 && found;
    });
    expect(first.manifest.parts.at(-1).labels).toMatchObject({ rowCount: 3, sources: { settlement: 3 }, selections: { all: 3 } });
    const reviewed = { source: 'review', selection: 'complaint' };
    await publish(ids.map((id, i) => ({ claim: `U${i}`, id, label: i === 0 ? 1 : 0, revision: 2, ...reviewed })));
    const second = await eventually(async () => {
      const found = await current();
      return found.sequence === before.sequence + 2 && found;
    });
    expect(second).toMatchObject({ changeKind: 'correction', removedCount: 3, rowCount: first.rowCount });
    const [{ labels, digest }] = second.manifest.parts.slice(-1);
    expect(labels).toMatchObject({ rowCount: 3, sources: { review: 3 }, selections: { complaint: 3 } });
    const read = async (name: string, columns: string[]) => {
      const table = await openTable(`${ingestion.env.OBJECT_ROOT}/${name.slice(0, 2)}/${name}`);
      const pick = table.picker(columns);
      const found: unknown[] = [];
      for await (const block of table.rows()) for (const row of block) found.push(pick(row));
      return found;
    };
    expect(await read(digest, ['claim', 'damaged'])).toEqual(expect.arrayContaining([['U0', 1]]));
    expect(await read(labels.digest, ['prediction_id', 'revision', 'source', 'selection'])).toEqual(
      expect.arrayContaining(ids.map((id) => [id, 2, 'review', 'complaint'])),
    );
  });
});
