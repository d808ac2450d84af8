import type { ModelSignature } from '@bascule/contracts';
import { Metrics, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { CaptureService } from '../capture/capture.service.js';
import type { Answered } from '../capture/prediction-record.js';
import { ReceiptsService } from '../receipts/receipts.service.js';
import { repeatablePredictionId } from '../repeats/prediction-ids.js';
import { RolloutGuard } from '../rollout-guard/rollout-guard.service.js';
import type { ActiveRoute } from '../routing/routing.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { ShadowCopies } from '../shadows/shadow-copies.service.js';
import { failedBy } from './failed-version.js';
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
  /** Position of each row in the request, when they are not all of it. */
  readonly rowNumbers?: readonly number[];
  readonly requestId: string;
  readonly keyId: string;
  readonly traceparent?: string | undefined;
  readonly receivedAtMs: number;
  /** On the clock of `performance.now()`, as the deadline. */
  readonly startedAt: number;
  readonly deadlineAt?: number | undefined;
  readonly isAbandoned?: (() => boolean) | undefined;
  readonly priority?: Priority | undefined;
  /** What the prediction ids follow from when the call carries an `Idempotency-Key`. */
  readonly seed?: string | undefined;
  /** True for a signed receipt with the answer. */
  readonly wantsReceipt?: boolean | undefined;
  /** Sees the answer before it is captured; throws when it must not be. */
  readonly beforeCapture?: ((answer: RowsAnswer) => void) | undefined;
  /** What each row is answered with where that is not the outputs themselves; asked after `beforeCapture`, for a receipt. */
  readonly wordsOf?: (() => readonly object[]) | undefined;
}

export interface RowsAnswer {
  /** One per row. */
  readonly predictionIds: readonly string[];
  /** All outputs of the signature, in its order. */
  readonly outputs: readonly Tensor[];
  /** A signed note about all rows, when the call wanted one. */
  readonly receipt?: string;
  /** True when somebody still reads the inputs. */
  readonly keepsInputs?: boolean;
}

const maxAllowanceMs = 60_000;
const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Runs rows on a version that was chosen for them and captures what was asked and answered. */
@Injectable()
export class RowAnswers {
  private readonly answered;
  private readonly durations;
  private readonly meters = new WeakMap<LoadedVersion, Meters>();

  constructor(
    private readonly capture: CaptureService,
    private readonly receipts: ReceiptsService,
    private readonly shadows: ShadowCopies,
    private readonly guard: RolloutGuard,
    metrics: Metrics,
  ) {
    this.answered = metrics.counter('serving_predictions_total', 'Rows answered, by model, version and role');
    this.durations = metrics.histogram('serving_inference_duration_seconds', 'Time from parsed request to answer', latencyBuckets);
  }

  async answer(call: RowsCall): Promise<RowsAnswer> {
    const { route, loaded, inputs, rows, seed, rowNumbers, deadlineAt, isAbandoned, priority } = call;
    if (call.wantsReceipt) this.receipts.requireFewRows(rows);
    const { signature, version } = loaded.routed;
    const isWatched = route.entry.rolloutId !== null && priority !== 'batch';
    let outputs: Tensor[];
    try {
      outputs = await loaded.batcher.infer(inputs, outputNamesOf(signature), { deadlineAt, isAbandoned, priority });
    } catch (error) {
      if (isWatched && !isAbandoned?.()) this.guard.failed(route, version, error, askedAgain(call));
      throw failedBy(version, error);
    }
    const elapsedMs = performance.now() - call.startedAt;
    if (isWatched) this.guard.answered(route, version, elapsedMs * 1000, call);
    const predictionIds: string[] = [];
    for (let row = 0; row < rows; row++) {
      predictionIds.push(seed === undefined ? newId() : repeatablePredictionId(seed, version, rowNumbers?.[row] ?? row));
    }
    const answer = { predictionIds, outputs };
    call.beforeCapture?.(answer);
    const role = roleOf(route, version);
    const answered: Answered = {
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
      capture: route.entry.capture,
    };
    const from = this.capture.openSequence;
    const recording = this.capture.record(answered);
    const to = this.capture.openSequence;
    const isRecorded = typeof recording === 'boolean' ? recording : await recording;
    const keepsInputs = route.shadows.length > 0 && priority !== 'batch';
    if (keepsInputs) this.shadows.copy(route, answered);
    const meters = this.metersOf(loaded, role);
    meters.rows.add(rows);
    meters.seconds.record(elapsedMs / 1000);
    if (!call.wantsReceipt && !keepsInputs) return answer;
    return {
      ...answer,
      keepsInputs,
      ...(call.wantsReceipt ? { receipt: this.receipts.sign(answered, { isRecorded, from, to }, call.wordsOf?.()) } : {}),
    };
  }

  private metersOf(loaded: LoadedVersion, role: Answered['role']): Meters {
    const known = this.meters.get(loaded);
    if (known?.role === role) return known;
    const model = loaded.modelName;
    const rows = this.answered.with({ model, version: String(loaded.routed.version), role });
    const meters = { role, rows, seconds: this.durations.with({ model }) };
    this.meters.set(loaded, meters);
    return meters;
  }
}

/** What the guard of rollouts may put to the other version. */
function askedAgain({ keyId, inputs, startedAt, deadlineAt = Number.POSITIVE_INFINITY }: RowsCall) {
  return { keyId, inputs, allowanceMs: Math.min(deadlineAt - startedAt, maxAllowanceMs) };
}

function roleOf({ entry: { versions } }: ActiveRoute, version: number): Answered['role'] {
  for (const routed of versions) if (routed.version === version) return routed.role;
  return 'champion';
}

interface Meters {
  readonly role: Answered['role'];
  readonly rows: { add(value: number): void };
  readonly seconds: { record(value: number): void };
}

const namesOf = new WeakMap<ModelSignature, readonly string[]>();

/** Names of all outputs; the same list every time. */
function outputNamesOf(signature: ModelSignature): readonly string[] {
  let names = namesOf.get(signature);
  if (!names) {
    names = signature.outputs.map(({ name }) => name);
    namesOf.set(signature, names);
  }
  return names;
}
