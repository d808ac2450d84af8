import type { ModelSchema } from '@bascule/proto';
import type { EntityManager } from 'typeorm';
import type { PredictionRow } from './prediction-row.js';

export async function ensureDay(manager: EntityManager, day: string, keepDays: number): Promise<void> {
  await manager.query('select ensure_prediction_day($1, $2)', [day, keepDays]);
}

export async function ensureSchema(manager: EntityManager, schema: ModelSchema): Promise<number> {
  const { modelName, modelVersion, artifactDigest, inputNames, outputNames, runtime, provider, processor } = schema;
  const columns = [modelName, modelVersion, artifactDigest, inputNames, outputNames, runtime, provider, processor];
  await manager.query(
    `insert into model_schemas (model_name, model_version, artifact_digest, input_names, output_names, runtime, provider, processor)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    columns,
  );
  const [row] = (await manager.query(
    `select schema_id from model_schemas where model_name = $1 and model_version = $2 and artifact_digest = $3
     and input_names = $4 and output_names = $5 and runtime = $6 and provider = $7 and processor = $8`,
    columns,
  )) as { schema_id: number }[];
  return row!.schema_id;
}

/** Inserts the rows that are not there yet and answers their ids. */
export async function insertPredictions(
  manager: EntityManager,
  rows: readonly PredictionRow[],
  schemaIds: readonly number[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const inserted = (await manager.query(
    `insert into predictions (prediction_id, received_at, occurred_at, model_name, model_version, schema_id, client_record_id, key_id, rollout_id, role, score, payload, has_values, shadow_of, output)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::uuid[], $10::smallint[], $11::float8[], $12::bytea[], $13::bool[], $14::uuid[], $15::float8[])
     order by 1
     on conflict do nothing returning prediction_id`,
    [
      rows.map((row) => row.predictionId),
      rows.map((row) => row.receivedAt),
      rows.map((row) => row.occurredAt),
      rows.map((row) => row.schema.modelName),
      rows.map((row) => row.schema.modelVersion),
      schemaIds,
      rows.map((row) => row.clientRecordId),
      rows.map((row) => row.keyId),
      rows.map((row) => row.rolloutId),
      rows.map((row) => row.role),
      rows.map((row) => row.score),
      rows.map((row) => Buffer.from(row.payload)),
      rows.map((row) => row.hasValues),
      rows.map((row) => row.shadowOf),
      rows.map((row) => row.output),
    ],
  )) as { prediction_id: string }[];
  return new Set(inserted.map((row) => row.prediction_id));
}

export interface StoredPrediction {
  prediction_id: string;
  received_at: Date;
  occurred_at: Date;
  model_name: string;
  model_version: number;
  client_record_id: string | null;
  key_id: string;
  rollout_id: string | null;
  role: number;
  score: number | null;
  payload: Buffer;
  artifact_digest: string;
  input_names: string[];
  output_names: string[];
  has_values: boolean;
  shadow_of: string | null;
  runtime: string;
  provider: string;
  processor: string;
}

export interface PredictionFilter {
  predictionId?: string;
  modelName?: string;
  clientRecordId?: string;
  modelVersion?: number;
  order: 'newest' | 'oldest';
  after?: { receivedAt: string; predictionId: string };
  limit: number;
}

/** Predictions with the columns of their model. */
export async function selectPredictions(manager: EntityManager, filter: PredictionFilter): Promise<StoredPrediction[]> {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  const where = (text: (...places: string[]) => string, ...values: unknown[]) => {
    conditions.push(text(...values.map((value) => `$${parameters.push(value)}`)));
  };
  if (filter.predictionId) where((id) => `p.prediction_id = ${id}`, filter.predictionId);
  if (filter.modelName) where((name) => `p.model_name = ${name}`, filter.modelName);
  if (filter.clientRecordId) where((id) => `p.client_record_id = ${id}`, filter.clientRecordId);
  if (filter.modelVersion) where((version) => `p.model_version = ${version}`, filter.modelVersion);
  const [sign, direction] = filter.order === 'newest' ? ['<', 'desc'] : ['>', 'asc'];
  if (filter.after)
    where((at, id) => `(p.received_at, p.prediction_id) ${sign} (${at}, ${id})`, filter.after.receivedAt, filter.after.predictionId);
  return manager.query(
    `select p.*, s.artifact_digest, s.input_names, s.output_names, s.runtime, s.provider, s.processor from predictions p join model_schemas s using (schema_id)
     where ${conditions.join(' and ')} order by p.received_at ${direction}, p.prediction_id ${direction} limit ${filter.limit}`,
    parameters,
  );
}
