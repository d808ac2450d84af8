import { newId } from '@bascule/platform';
import { PredictionBlockSchema, Role } from '@bascule/proto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';

type Row = MessageInitShape<typeof PredictionBlockSchema>['predictions'] extends (infer One)[] | undefined ? One : never;

/** A block with one row that a key asked just now, as a gateway seals it. */
export function predictionBlock(modelName: string, keyId: string, inputs: { [name: string]: number | string }, more: object): Uint8Array {
  const row = {
    keyId,
    model: 0,
    receivedAtMs: BigInt(Date.now()),
    role: Role.CHAMPION,
    inputs: Object.values(inputs).map((value) => ({
      kind: typeof value === 'number' ? { case: 'number' as const, value } : { case: 'text' as const, value },
    })),
    ...more,
  } as Row;
  const schema = { modelName, modelVersion: 1, inputNames: Object.keys(inputs) };
  const block = { producer: newId(), sequence: 1n, models: [schema], predictions: [row] };
  return toBinary(PredictionBlockSchema, create(PredictionBlockSchema, block));
}

/** A block without rows: how many a gateway has answered and captured since it started. */
export function tallyBlock(
  modelName: string,
  producer: string,
  sequence: bigint,
  { answered, captured }: { answered: bigint; captured: bigint },
): Uint8Array {
  const tallies = [{ modelName, modelVersion: 1, answeredRows: answered, capturedRows: captured }];
  return toBinary(PredictionBlockSchema, create(PredictionBlockSchema, { producer, sequence, tallies }));
}
