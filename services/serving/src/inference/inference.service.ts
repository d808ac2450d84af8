import { type Credential, requireModel } from '@bascule/access';
import type { RoutedVersion } from '@bascule/contracts';
import { BasculeError, Clock, CONFIG, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AdmissionService, type Release } from '../admission/admission.service.js';
import { AvailabilityCounter } from '../availability/availability-counter.service.js';
import type { Config } from '../config.js';
import { invalidInference } from '../errors.js';
import { inferenceFingerprint } from '../repeats/fingerprint.js';
import { type RepeatSeed, RepeatsService } from '../repeats/repeats.service.js';
import { tensorCodec } from '../repeats/stored-answer.js';
import { type ActiveRoute, RoutingService } from '../routing/routing.service.js';
import { VersionChoice } from '../routing/version-choice.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { batchRows } from './batch-rows.js';
import { idFault } from './client-text.js';
import { failedBy } from './failed-version.js';
import { type InferenceRequest, matchInputs } from './inference-request.js';
import { recordParametersOf } from './record-parameters.js';
import { deadlineOf } from './request-deadline.js';
import { RowAnswers, type RowsAnswer } from './row-answers.service.js';
import type { Priority } from './run-queue.js';
import type { Tensor } from './tensor.js';
import { requireTextRoom } from './text-room.js';

/** Who asks for what, as either protocol found out. */
export interface InferenceCall {
  readonly modelName: string;
  /** A version from the address. */
  readonly version?: string | undefined;
  /** A version an operator pins by header. */
  readonly pin?: string | undefined;
  readonly credential: Credential;
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  readonly request: InferenceRequest;
  /** Names the call, so that a repeat gets the first answer. */
  readonly idempotencyKey?: string | undefined;
  /** When it came, on the clock of `performance.now()`; now when absent. */
  readonly startedAt?: number | undefined;
  /** When nobody waits for the answer any more, in milliseconds of `performance.now()`. */
  readonly deadlineAt?: number | undefined;
  /** True when the client has gone: what has not run yet is not run. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** What runs first when there is not room for all; live when absent. */
  readonly priority?: Priority | undefined;
  /** True for a signed receipt with the answer. */
  readonly wantsReceipt?: boolean | undefined;
}

export type { Priority };

export interface InferenceAnswer {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly predictionId: string;
  readonly outputs: readonly Tensor[];
  /** Rows that were run. */
  readonly rows?: number;
  /** Signed proof that the rows were captured, when the call wanted one. */
  readonly receipt?: string;
  /** True when nobody but the asker reads the inputs any more: their storage may be used for something else. */
  readonly areInputsFree?: boolean;
  /** True for the stored answer to a call that was made before. */
  readonly isReplay?: boolean;
}

const storedAnswer = tensorCodec<InferenceAnswer>();

/** One inference: choose the version, run it, capture what was asked and answered. */
@Injectable()
export class InferenceService {
  private readonly failed;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly routing: RoutingService,
    private readonly versions: VersionChoice,
    private readonly admission: AdmissionService,
    private readonly repeats: RepeatsService,
    private readonly rowAnswers: RowAnswers,
    private readonly availability: AvailabilityCounter,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.failed = metrics.counter('serving_inference_failures_total', 'Inferences refused or failed, by model and code');
  }

  async infer(call: InferenceCall): Promise<InferenceAnswer> {
    const startedAt = call.startedAt ?? performance.now();
    let release: Release | undefined;
    let deadlineAt = Number.POSITIVE_INFINITY;
    try {
      deadlineAt = this.deadlineOf(call, startedAt);
      requireModel(call.credential, call.modelName);
      release = this.admission.enter(call.credential, rowsAsked(call.request));
      const answer = await (call.idempotencyKey === undefined
        ? this.answer(call, startedAt, deadlineAt)
        : this.answerOnce(call, call.idempotencyKey, startedAt, deadlineAt));
      release(answer.isReplay ? 0 : answer.rows);
      this.availability.answered(call.modelName, call.credential.keyId);
      return answer;
    } catch (error) {
      release?.(0);
      if (!call.isAbandoned?.())
        this.availability.failed(call.modelName, error, { keyId: call.credential.keyId, allowedMs: deadlineAt - startedAt });
      const model = this.routing.isKnown(call.modelName) ? call.modelName : 'unknown';
      this.failed.add(1, { model, code: error instanceof BasculeError ? error.code : 'platform.unexpected' });
      throw error;
    }
  }

  /** Finds a served version for metadata and readiness; without a version, the champion. */
  find(modelName: string, version: string | undefined): { route: ActiveRoute; loaded: LoadedVersion } {
    return this.versions.find(modelName, version);
  }

  private deadlineOf({ deadlineAt, request: { parameters } }: InferenceCall, startedAt: number): number {
    const deadline = deadlineOf({ deadlineAt, timeout: parameters['timeout'] }, startedAt, this.config.REQUEST_DEADLINE_MS);
    if (!deadline.ok) throw invalidInference({}, deadline.reason);
    return deadline.value;
  }

  private async answerOnce(call: InferenceCall, idempotencyKey: string, startedAt: number, deadlineAt: number): Promise<InferenceAnswer> {
    const { modelName, credential, request, version, pin } = call;
    const fingerprint = inferenceFingerprint(request, version, pin);
    const { answer, isReplay } = await this.repeats.once(
      { idempotencyKey, keyId: credential.keyId, modelName, fingerprint, deadlineAt },
      storedAnswer,
      (seed) => this.answer(call, startedAt, deadlineAt, seed),
    );
    return isReplay ? { ...answer, isReplay } : answer;
  }

  private async answer(
    call: InferenceCall,
    startedAt: number,
    deadlineAt: number,
    repeat?: RepeatSeed<InferenceAnswer>,
  ): Promise<InferenceAnswer> {
    const { modelName, credential, request } = call;
    const receivedAtMs = repeat?.claimedAtMs ?? this.clock.now().getTime();
    const fault = request.id === undefined ? undefined : idFault('id', request.id);
    if (fault) throw invalidInference({ model: modelName }, fault);
    const route = this.versions.requireRoute(modelName);
    const loaded = this.versions.choose(route, {
      credential,
      pin: call.pin,
      version: call.version,
      routingKey: routingKeyOf(call, repeat?.seed),
    });
    try {
      const { signature } = loaded.routed;
      const inputs = matchInputs(request.inputs, signature.inputs);
      if (!inputs.ok) throw invalidInference({ model: modelName }, inputs.reason);
      const outputNames = wantedOutputs(request.outputs, loaded.routed);
      const rows = loaded.isBatched ? batchRows(inputs.value) : 1;
      const records = recordParametersOf(request.parameters, rows, receivedAtMs);
      if (!records.ok) throw invalidInference({ model: modelName }, records.reason);
      const answered = await this.rowAnswers.answer({
        route,
        loaded,
        inputs: inputs.value,
        records: records.value,
        rows,
        requestId: request.id ?? call.requestId,
        keyId: credential.keyId,
        traceparent: call.traceparent,
        receivedAtMs,
        startedAt,
        deadlineAt,
        isAbandoned: call.isAbandoned,
        priority: call.priority,
        wantsReceipt: call.wantsReceipt || request.parameters['receipt'] === true,
        seed: repeat?.seed,
        beforeCapture: (answer) => {
          requireTextRoom(wantedOf(answer.outputs, outputNames), request.binaryOutputs);
          repeat?.requireRoom(answerOf(answer, loaded, request.id, outputNames, rows, false));
        },
      });
      // who repeats the call may come while the first one is answered
      return answerOf(answered, loaded, request.id, outputNames, rows, repeat === undefined);
    } catch (error) {
      throw failedBy(loaded.routed.version, error);
    }
  }
}

function answerOf(
  { predictionIds, outputs, receipt, keepsInputs }: RowsAnswer,
  { modelName, routed }: LoadedVersion,
  id: string | undefined,
  outputNames: ReadonlySet<string> | undefined,
  rows: number,
  isAlone: boolean,
): InferenceAnswer {
  const answer = {
    modelName,
    modelVersion: String(routed.version),
    predictionId: predictionIds.length === 1 ? (predictionIds[0] as string) : predictionIds.join(','),
    outputs: wantedOf(outputs, outputNames),
    rows,
    areInputsFree: isAlone && !keepsInputs,
  };
  if (id === undefined && receipt === undefined) return answer;
  return { ...answer, ...(id === undefined ? {} : { id }), ...(receipt === undefined ? {} : { receipt }) };
}

function wantedOf(outputs: readonly Tensor[], names: ReadonlySet<string> | undefined): readonly Tensor[] {
  return names ? outputs.filter(({ name }) => names.has(name)) : outputs;
}

function routingKeyOf({ request, requestId }: InferenceCall, seed: string | undefined): string {
  const { routing_key: routingKey, client_record_id: recordId } = request.parameters;
  return String(routingKey ?? recordId ?? request.id ?? seed ?? requestId);
}

/** As many rows as the request says it has: enough to decide whether to look further. */
function rowsAsked({ inputs }: InferenceRequest): number {
  return inputs[0]?.shape[0] ?? 1;
}

/** The outputs the request names; undefined for all. */
function wantedOutputs(requested: readonly string[], { signature }: RoutedVersion): ReadonlySet<string> | undefined {
  if (requested.length === 0) return undefined;
  const known = signature.outputs.map(({ name }) => name);
  const unknown = requested.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidInference(
      {},
      `output ${JSON.stringify(unknown)} is not one of the model; it has ${known.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  }
  return new Set(requested);
}
