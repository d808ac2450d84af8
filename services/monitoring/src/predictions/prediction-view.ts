import { PredictionSchema, plainColumns } from '@bascule/proto';
import { fromBinary } from '@bufbuild/protobuf';
import type { StoredDecision, StoredLabel } from '../ground-truth/decisions.queries.js';
import type { StoredPrediction } from './predictions.queries.js';

const roles = ['unspecified', 'champion', 'challenger', 'shadow'] as const;

/** A prediction as the API shows it, with its latest label and every decision; the first decision is the one that counts. */
export function predictionViewOf(row: StoredPrediction, label: StoredLabel | undefined, decisions: readonly StoredDecision[]) {
  const views = decisions.map(decisionViewOf);
  const { requestId, clientRecordId, latencyUs, inputs, outputs, traceparent, inputsHash, outputsHash } = fromBinary(
    PredictionSchema,
    row.payload,
  );
  return {
    predictionId: row.prediction_id,
    modelName: row.model_name,
    modelVersion: row.model_version,
    artifactDigest: row.artifact_digest,
    // the payload has one that no column can hold
    clientRecordId: clientRecordId || row.client_record_id,
    keyId: row.key_id,
    requestId,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    latencyUs,
    rolloutId: row.rollout_id,
    role: roles[row.role] ?? 'unspecified',
    score: row.score,
    inputs: plainColumns(row.input_names, inputs),
    outputs: plainColumns(row.output_names, outputs),
    traceparent: traceparent || null,
    shadowOf: row.shadow_of,
    computedOn: row.provider === '' ? null : { runtime: row.runtime, provider: row.provider, processor: row.processor },
    // where only hashes are captured: salted, the client has the salt in its receipt
    inputsHash: hexOf(inputsHash),
    outputsHash: hexOf(outputsHash),
    label: label
      ? {
          label: label.label,
          revision: label.revision,
          source: label.source,
          selection: label.selection,
          selectionNote: label.selection_note,
          labelledAt: label.labelled_at,
          reportedBy: label.reported_by,
          keyId: label.key_id,
        }
      : null,
    decision: views[0] ?? null,
    /** Newest first; a later one corrects an earlier one, which stays. */
    decisions: views.map((view, i) => ({ ...view, isCurrent: i === 0 })),
  };
}
export type PredictionView = ReturnType<typeof predictionViewOf>;

function decisionViewOf(decision: StoredDecision) {
  return {
    outcome: decision.outcome,
    ruleVersion: decision.rule_version,
    overriddenBy: decision.overridden_by,
    reason: decision.reason,
    decidedAt: decision.decided_at,
    receivedAt: decision.received_at,
    reportedBy: decision.reported_by,
    keyId: decision.key_id,
  };
}

function hexOf(hash: Uint8Array): string | null {
  return hash.length === 0 ? null : Buffer.from(hash).toString('hex');
}
