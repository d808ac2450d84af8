import { newId } from '@bascule/platform';
import { ModelSchemaSchema, NumbersSchema, PredictionBlockSchema, PredictionSchema, Role, ValueSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';

/** One prediction as a gateway would capture it. */
export interface Shot {
  id: string;
  model: string;
  version: number;
  features: Record<string, number | string | null>;
  score: number;
  /** Of a model of several classes: the probability of each, in place of the score. */
  probabilities?: number[];
  /** Of a model of numbers: what it answers, in place of the score. */
  value?: number;
  occurredAt: string;
  receivedAt: Date;
  clientRecordId: string;
  rolloutId: string;
  role: Role;
  /** Of a shadow: the prediction whose request it saw a copy of. */
  shadowOf: string;
}

export function shot(some: Partial<Shot> = {}): Shot {
  return {
    id: newId(),
    model: 'claims-triage',
    version: 1,
    features: { phase: 'Climb', speed: 140 },
    score: 0.2,
    occurredAt: '1995-01-15T12:00:00Z',
    receivedAt: new Date(),
    clientRecordId: '',
    rolloutId: '',
    role: Role.CHAMPION,
    shadowOf: '',
    ...some,
  };
}

const cellMessage = (cell: number | string | null) =>
  create(ValueSchema, {
    kind: cell === null ? { case: undefined } : typeof cell === 'number' ? { case: 'number', value: cell } : { case: 'text', value: cell },
  });

export function blockOf(shots: readonly Shot[]): Uint8Array {
  const models = [...new Map(shots.map((one) => [`${one.model}/${one.version}`, one])).entries()];
  return toBinary(
    PredictionBlockSchema,
    create(PredictionBlockSchema, {
      producer: newId(),
      sequence: 1n,
      models: models.map(([, one]) =>
        create(ModelSchemaSchema, {
          modelName: one.model,
          modelVersion: one.version,
          artifactDigest: 'a'.repeat(64),
          inputNames: Object.keys(one.features),
          outputNames: one.value === undefined ? ['label', 'probabilities'] : ['value'],
        }),
      ),
      predictions: shots.map((one) =>
        create(PredictionSchema, {
          predictionId: one.id,
          requestId: newId(),
          clientRecordId: one.clientRecordId,
          keyId: 'testkey',
          model: models.findIndex(([name]) => name === `${one.model}/${one.version}`),
          occurredAtMs: BigInt(Date.parse(one.occurredAt)),
          receivedAtMs: BigInt(one.receivedAt.getTime()),
          latencyUs: 900,
          inputs: Object.values(one.features).map(cellMessage),
          outputs: outputsOf(one),
          rolloutId: one.rolloutId,
          shadowOf: one.shadowOf,
          role: one.role,
        }),
      ),
    }),
  );
}

function outputsOf({ score, probabilities = [1 - score, score], value }: Shot) {
  if (value !== undefined) return [create(ValueSchema, { kind: { case: 'number', value } })];
  const label = BigInt(probabilities.indexOf(Math.max(...probabilities)));
  return [
    create(ValueSchema, { kind: { case: 'integer', value: label } }),
    create(ValueSchema, { kind: { case: 'numbers', value: create(NumbersSchema, { values: probabilities }) } }),
  ];
}
