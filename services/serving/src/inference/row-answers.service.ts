import { Metrics, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { CaptureService } from '../capture/capture.service.js';
import { repeatablePredictionId } from '../repeats/prediction-ids.js';
import type { ActiveRoute } from '../routing/routing.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import type { Priority } from './inference.service.js';
import type { RecordParameters } from './record-parameters.js';
import type { Tensor } from './tensor.js';

/** Rows for one version, matched with its signature. */
export interface RowsCall {
  readonly route: ActiveRoute;
  readonly loaded: LoadedVersion;
  /** In the order of the signature. */
  readonly inputs: readonly Tensor[];
  /** What the client says about each row. */
  readonly records: RecordParameters;
  readonly rows: number;
  /** Position of the first row in the request. */
  readonly firstRow?: number;
  readonly requestId: string;
  readonly keyId: string;
  readonly traceparent?: string | undefined;
  readonly receivedAtMs: number;
  /** On the clock of `performance.now()`, as the deadline. */
  readonly startedAt: number;
  readonly deadlineAt?: number | undefined;
  readonly priority?: Priority | undefined;
  /** What the prediction ids follow from when the call carries an `Idempotency-Key`. */
  readonly seed?: string | undefined;
  /** Sees the answer before it is captured; throws when it must not be. */
  readonly beforeCapture?: ((answer: RowsAnswer) => void) | undefined;
}

export interface RowsAnswer {
  /** One per row. */
  readonly predictionIds: readonly string[];
  /** All outputs of the signature, in its order. */
  readonly outputs: readonly Tensor[];
}

const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Runs rows on a version that was chosen for them and captures what was asked and answered. */
@Injectable()
export class RowAnswers {
  private readonly answered;
  private readonly durations;

  constructor(
    private readonly capture: CaptureService,
    metrics: Metrics,
  ) {
    this.answered = metrics.counter('serving_predictions_total', 'Rows answered, by model, version and role');
    this.durations = metrics.histogram('serving_inference_duration_seconds', 'Time from parsed request to answer', latencyBuckets);
  }

  async answer(call: RowsCall): Promise<RowsAnswer> {
    const { route, loaded, inputs, rows, seed, firstRow = 0, deadlineAt, priority } = call;
    const { modelName } = route.entry;
    const { signature, version } = loaded.routed;
    const outputs = await loaded.batcher.infer(
      inputs,
      signature.outputs.map(({ name }) => name),
      { deadlineAt, priority },
    );
    const elapsedMs = performance.now() - call.startedAt;
    const predictionIds = Array.from({ length: rows }, (_, row) =>
      seed === undefined ? newId() : repeatablePredictionId(seed, version, firstRow + row),
    );
    const answer = { predictionIds, outputs };
    call.beforeCapture?.(answer);
    const role = route.entry.versions.find((entry) => entry.version === version)?.role ?? 'champion';
    await this.capture.record({
      loaded,
      role,
      predictionIds,
      requestId: call.requestId,
      keyId: call.keyId,
      receivedAtMs: call.receivedAtMs,
      latencyUs: Math.round(elapsedMs * 1000),
      traceparent: call.traceparent ?? '',
      rolloutId: route.entry.rolloutId ?? '',
      records: call.records,
      inputs,
      outputs,
    });
    this.answered.add(rows, { model: modelName, version: String(version), role });
    this.durations.record(elapsedMs / 1000, { model: modelName });
    return answer;
  }
}
