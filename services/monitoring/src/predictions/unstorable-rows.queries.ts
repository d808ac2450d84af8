import { type ModelSchema, type Prediction, PredictionBlockSchema } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { EntityManager } from 'typeorm';
import { storableText } from './storable.js';

/** A captured row that the table of predictions cannot hold. */
export interface UnstorableRow {
  prediction: Prediction;
  reason: string;
}

/** Keeps rows apart with the reason, each as a block of one row that can be read like any other. */
export async function setAside(manager: EntityManager, models: readonly ModelSchema[], rows: readonly UnstorableRow[]): Promise<void> {
  for (const { prediction, reason } of rows) {
    const block = create(PredictionBlockSchema, { models: [...models], predictions: [prediction] });
    await manager.query(
      `insert into unstorable_rows (prediction_id, model_name, reason, block) values ($1, $2, $3, $4) on conflict do nothing`,
      [
        storableText(prediction.predictionId),
        storableText(models[prediction.model]?.modelName ?? ''),
        storableText(reason),
        Buffer.from(toBinary(PredictionBlockSchema, block)),
      ],
    );
  }
}
