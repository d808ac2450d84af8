import { LabelledBlockSchema, LabelledPredictionSchema, ModelSchemaSchema, PredictionSchema } from '@bascule/proto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { UnpublishedLabel } from './labels.queries.js';

/** Builds a block of labelled predictions: each prediction as it was captured, with its label. */
export function labelledBlock(labels: readonly UnpublishedLabel[]): Uint8Array {
  const positions = new Map<number, number>();
  const block = create(LabelledBlockSchema);
  for (const label of labels) {
    let position = positions.get(label.schema_id);
    if (position === undefined) {
      position = block.models.length;
      positions.set(label.schema_id, position);
      block.models.push(
        create(ModelSchemaSchema, {
          modelName: label.model_name,
          modelVersion: label.model_version,
          artifactDigest: label.artifact_digest,
          inputNames: label.input_names,
          outputNames: label.output_names,
        }),
      );
    }
    const prediction = fromBinary(PredictionSchema, label.payload);
    prediction.predictionId = label.prediction_id;
    prediction.clientRecordId ||= label.client_record_id ?? '';
    prediction.keyId = label.key_id;
    prediction.model = position;
    prediction.occurredAtMs = BigInt(label.occurred_at.getTime());
    prediction.receivedAtMs = BigInt(label.received_at!.getTime());
    prediction.rolloutId = label.rollout_id ?? '';
    prediction.role = label.role;
    block.rows.push(
      create(LabelledPredictionSchema, {
        prediction,
        label: label.label,
        revision: label.revision,
        source: label.source,
        selection: label.selection,
        selectionNote: label.selection_note ?? '',
        labelledAtMs: BigInt(label.labelled_at.getTime()),
      }),
    );
  }
  return toBinary(LabelledBlockSchema, block);
}
