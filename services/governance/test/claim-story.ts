import { randomUUID } from 'node:crypto';
import {
  aliasMoved,
  approvalGranted,
  batchReceived,
  datasetPublished,
  decisionRecorded,
  type EventDefinition,
  groundTruthReceived,
  predictionLogged,
  promotionApproved,
  promotionRequested,
  rolloutCompleted,
  rolloutStarted,
  runRequested,
  runSucceeded,
  versionRegistered,
} from '@bascule/contracts';
import { PredictionBlockSchema } from '@bascule/proto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Governance } from './start-governance.js';

const digest = (letter: string) => letter.repeat(64);
const signature = {
  inputs: [{ name: 'speed_knots', datatype: 'FP32' as const, shape: [-1, 1] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 2] }],
};
const at = '1995-01-01T00:00:00Z';
const models = [
  { modelName: 'claims-triage', modelVersion: 1, artifactDigest: digest('a'), inputNames: ['speed_knots'], outputNames: ['probabilities'] },
];

/** A block of captured predictions, one per client record id. */
export function predictionBlock(producer: string, sequence: number, records: readonly string[]) {
  const occurredAtMs = BigInt(Date.parse(at));
  const predictions = records.map((clientRecordId) => ({
    predictionId: randomUUID(),
    clientRecordId,
    occurredAtMs,
    receivedAtMs: occurredAtMs,
    inputs: [{ kind: { case: 'number' as const, value: 130 } }],
    outputs: [{ kind: { case: 'numbers' as const, value: { values: [0.8, 0.2] } } }],
  }));
  const block = create(PredictionBlockSchema, { producer, sequence: BigInt(sequence), models, predictions, runtime: 'test' });
  return { bytes: toBinary(PredictionBlockSchema, block), predictionIds: predictions.map(({ predictionId }) => predictionId) };
}

/** One claim from the first upload to its settlement, each event caused by the one before. */
export async function playClaim({ publisher }: Governance, clientRecordId: string) {
  let causationId: string | undefined;
  const eventIds: string[] = [];
  const publish = async <D extends EventDefinition>(definition: D, data: Parameters<typeof publisher.publishEvent<D>>[0]['data']) => {
    const id = randomUUID();
    await publisher.publishEvent<D>({ definition, data, id, ...(causationId ? { causationId } : {}) });
    causationId = id;
    eventIds.push(id);
    return id;
  };
  const [batchId, runId, promotionId, rolloutId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const contract = { datasetName: 'birdstrikes', contractName: 'birdstrikes', contractVersion: 1 };
  const root = await publish(batchReceived, {
    batchId,
    ...contract,
    contentDigest: digest('c'),
    contentType: 'text/csv',
    sizeBytes: 10,
    origin: 'upload',
    sentBy: 'sam',
  });
  const dataset = {
    datasetVersion: digest('d'),
    parentVersion: null,
    rowCount: 9,
    labelledCount: 9,
    newLabelledCount: 9,
    occurredFrom: at,
    occurredTo: at,
  };
  await publish(datasetPublished, { ...contract, ...dataset, batchIds: [batchId] });
  const run = { runId, pipelineName: 'claims-triage', modelName: 'claims-triage', datasetName: 'birdstrikes', datasetVersion: digest('d') };
  await publish(runRequested, { ...run, requestedBy: 'training' });
  const model = { artifactDigest: digest('a'), artifactSizeBytes: 10, profileDigest: digest('f'), signature, metrics: { auc: 0.77 } };
  const span = { from: at, to: at, rowCount: 9 };
  await publish(runSucceeded, {
    ...run,
    ...model,
    attempt: 1,
    evaluationDatasetVersion: digest('d'),
    params: {},
    trainedOn: span,
    evaluatedOn: span,
  });
  const version = { modelName: 'claims-triage', version: 1 };
  await publish(versionRegistered, { ...version, ...model, runId, registeredBy: 'training' });
  causationId = undefined; // a person asks: no event caused it
  const promotion = { promotionId, ...version, environment: 'production' as const, requestedBy: 'sam' };
  await publish(promotionRequested, { ...promotion, gates: [], artifactDigest: digest('a'), metrics: {} });
  await publish(approvalGranted, { approvalId: randomUUID(), promotionId, decidedBy: 'ann', reason: 'good' });
  await publish(promotionApproved, { ...promotion, ...model, approvedBy: 'ann', strategy: { steps: [100] } });
  const rollout = { rolloutId, promotionId, ...version, environment: 'production' as const, artifactDigest: digest('a') };
  await publish(rolloutStarted, { ...rollout, step: 0, percent: 100 });
  await publish(rolloutCompleted, { ...rollout, reasons: ['first version'] });
  await publish(aliasMoved, {
    ...version,
    alias: 'champion',
    environment: 'production',
    artifactDigest: digest('a'),
    promotionId,
    rolloutId,
  });
  const { bytes, predictionIds } = predictionBlock(randomUUID(), 1, ['other-1', clientRecordId, 'other-2']);
  await publisher.publishBlock(predictionLogged, bytes, { id: randomUUID() });
  // a gateway died before it could answer, and another one answered the repeat under the same ids
  const again = create(PredictionBlockSchema, { ...fromBinary(PredictionBlockSchema, bytes), producer: randomUUID() });
  await publisher.publishBlock(predictionLogged, toBinary(PredictionBlockSchema, again), { id: randomUUID() });
  causationId = undefined;
  const submission = () => ({ submissionId: randomUUID(), modelName: 'claims-triage', keyId: 'k' });
  await publish(decisionRecorded, {
    ...submission(),
    items: [{ clientRecordId, outcome: 'inspect', ruleVersion: '1', overriddenBy: 'j.doe', reason: 'engine strike', decidedAt: at }],
  });
  await publish(groundTruthReceived, {
    ...submission(),
    items: [{ predictionId: predictionIds[1]!, label: 1, occurredAt: at, source: 'settlement', selection: 'random' }],
  });
  return { eventIds, batchId, runId, promotionId, rolloutId, root, predictionId: predictionIds[1]! };
}
