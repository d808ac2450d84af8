import { type ModelSchema, ModelSchemaSchema, type Prediction } from '@bascule/proto';
import { create } from '@bufbuild/protobuf';

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const largestInteger = 2_147_483_647;
const earliestMs = Date.UTC(1900, 0);
const latestMs = Date.UTC(9999, 0);

/** Text as PostgreSQL takes it. What it does not take is replaced, not left out: texts that differ must not become equal to a third. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The columns of a model version, with names that can be stored. */
export function storableSchema(schema: ModelSchema): ModelSchema {
  return create(ModelSchemaSchema, {
    ...schema,
    modelName: storableText(schema.modelName),
    artifactDigest: storableText(schema.artifactDigest),
    inputNames: schema.inputNames.map(storableText),
    outputNames: schema.outputNames.map(storableText),
    runtime: storableText(schema.runtime),
    provider: storableText(schema.provider),
    processor: storableText(schema.processor),
  });
}

/** Why no table can hold a captured row; undefined when one can. */
export function unstorableReason(prediction: Prediction, models: readonly ModelSchema[]): string | undefined {
  const { predictionId, rolloutId, shadowOf, model, occurredAtMs, receivedAtMs } = prediction;
  const schema = models[model];
  if (!schema) return `names model ${model} of ${models.length}`;
  if (!uuidPattern.test(predictionId)) return 'the prediction id is no UUID';
  if (shadowOf !== '' && !uuidPattern.test(shadowOf)) return 'the prediction it is a copy of is no UUID';
  if (rolloutId !== '' && !uuidPattern.test(rolloutId)) return 'the rollout id is no UUID';
  if (schema.modelVersion > largestInteger) return `version ${schema.modelVersion} is past what a version can be`;
  if (!isStorableTime(occurredAtMs)) return `occurred at ${occurredAtMs} ms, outside the years 1900 to 9998`;
  if (!isStorableTime(receivedAtMs)) return `received at ${receivedAtMs} ms, outside the years 1900 to 9998`;
  return undefined;
}

function isStorableTime(milliseconds: bigint): boolean {
  return milliseconds >= earliestMs && milliseconds < latestMs;
}
