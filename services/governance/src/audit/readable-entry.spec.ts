import { PredictionBlockSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { mayRead } from './readable-entry.js';

const narrow = { models: ['claims-*'], datasets: ['birds*'] };
const all = { models: ['*'], datasets: ['*'] };
const json = (data: unknown) => Buffer.from(JSON.stringify(data));

function block(...modelNames: string[]): Buffer {
  const models = modelNames.map((modelName) => ({ modelName, modelVersion: 1, inputNames: [], outputNames: [] }));
  const predictions = models.map((_, model) => ({ predictionId: `${model}`, model }));
  return Buffer.from(toBinary(PredictionBlockSchema, create(PredictionBlockSchema, { models, predictions })));
}

it.each([
  ['training.run.started.v1', 'r', json({ modelName: 'claims-triage' }), true],
  ['training.run.started.v1', 'r', json({ modelName: 'loans' }), false],
  ['training.run.requested.v1', 'r', json({ modelName: 'claims-triage', datasetName: 'accounts' }), false],
  ['ingestion.dataset.published.v1', 'accounts', json({ datasetName: 'accounts' }), false],
  ['governance.approval.granted.v1', 'p', json({ promotionId: 'p' }), true],
  ['serving.prediction.logged.v1', '', block('claims-triage', 'claims-second'), true],
  ['serving.prediction.logged.v1', '', block('claims-triage', 'loans'), false],
  ['serving.prediction.logged.v1', '', json('bytes nobody can read'), false],
  ['ingestion.dataset.published.v1', 'accounts', null, false],
  ['ingestion.dataset.published.v1', 'birdstrikes', null, true],
  ['training.run.started.v1', 'r', null, true],
])('a key of claims-* and birds* and an entry of %s about %s', (type, subject, payload, expected) => {
  expect(mayRead(narrow, { type, subject, payload })).toBe(expected);
  expect(mayRead(all, { type, subject, payload })).toBe(true);
});
