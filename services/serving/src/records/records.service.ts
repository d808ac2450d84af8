import { type Credential, requireModel } from '@bascule/access';
import { BasculeError, Clock, Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AdmissionService, type Release } from '../admission/admission.service.js';
import { AvailabilityCounter } from '../availability/availability-counter.service.js';
import { jsonFingerprint } from '../repeats/fingerprint.js';
import { type RepeatSeed, RepeatsService } from '../repeats/repeats.service.js';
import { type AnswerCodec, jsonCodec } from '../repeats/stored-answer.js';
import { VersionChoice } from '../routing/version-choice.service.js';
import { readHead } from './read-record.js';
import { type Group, RecordGroups, type RecordsWork } from './record-groups.service.js';
import { answerOf, type Outcome, type RecordsAnswer, refusedRecord, requireSomeAnswer } from './record-outcomes.js';
import type { RecordsRequest } from './records-request.js';

export interface RecordsCall {
  readonly modelName: string;
  /** A version an operator pins by header. */
  readonly pin?: string | undefined;
  readonly credential: Credential;
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** In milliseconds of `performance.now()`. */
  readonly deadlineAt?: number | undefined;
  /** True when the client has gone. */
  readonly isAbandoned?: (() => boolean) | undefined;
  /** True for signed receipts with the answer. */
  readonly wantsReceipt?: boolean | undefined;
  readonly request: RecordsRequest;
}

export interface RecordsReply {
  readonly answer: RecordsAnswer;
  /** True for the stored answer to a call that was made before. */
  readonly isReplay: boolean;
}

// what failed for a passing reason may be answered next time; the rest keeps its ids
const codec: AnswerCodec<RecordsAnswer> = {
  ...(jsonCodec as AnswerCodec<RecordsAnswer>),
  isFinal: ({ predictions }) => !predictions.some(({ error }) => error?.retryable),
};

/** Answers records by feature name: one run for all that go to one version, an error of its own for each that cannot be read. */
@Injectable()
export class RecordsService {
  private readonly records;
  private readonly outside;

  constructor(
    private readonly versions: VersionChoice,
    private readonly groups: RecordGroups,
    private readonly admission: AdmissionService,
    private readonly repeats: RepeatsService,
    private readonly availability: AvailabilityCounter,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.records = metrics.counter('serving_records_total', 'Records asked about, by model and outcome');
    this.outside = metrics.counter('serving_values_outside_contract_total', 'Values that the contract of the training data does not allow');
  }

  /** @throws serving.no_record_answered when no record has an answer, and what keeps all of them from having one */
  async predict(call: RecordsCall): Promise<RecordsReply> {
    const { credential, modelName, request } = call;
    const asked = { keyId: credential.keyId, allowedMs: (call.deadlineAt ?? Number.POSITIVE_INFINITY) - performance.now() };
    let release: Release | undefined;
    try {
      requireModel(credential, modelName);
      release = this.admission.enter(credential, request.records.length);
      const reply = await this.replyTo(call);
      release(reply.isReplay ? 0 : reply.answer.answered);
      // records that may be answered next time were not answered now
      const unanswered = reply.answer.predictions.find(({ error }) => error?.retryable)?.error;
      if (unanswered) this.availability.unanswered(modelName, unanswered.code, asked);
      else this.availability.answered(modelName, credential.keyId);
      if (!reply.isReplay)
        for (const { error, warnings = [] } of reply.answer.predictions) {
          this.count(modelName, error?.code ?? 'answered');
          for (const { path } of warnings) this.outside.add(1, { model: modelName, feature: path.replace(/^features\.?/, '') });
        }
      return reply;
    } catch (error) {
      release?.(0);
      if (!call.isAbandoned?.()) this.availability.failed(modelName, error, asked);
      const isKnown = error instanceof BasculeError && error.kind !== 'not_found' && error.kind !== 'forbidden';
      this.count(
        isKnown ? modelName : 'unknown',
        error instanceof BasculeError ? error.code : 'platform.unexpected',
        request.records.length,
      );
      throw error;
    }
  }

  private async replyTo(call: RecordsCall): Promise<RecordsReply> {
    const { idempotencyKey, credential, modelName, deadlineAt, request, pin } = call;
    if (idempotencyKey === undefined) return { answer: await this.answer(call), isReplay: false };
    // a repeat may wait longer than the first
    const fingerprint = jsonFingerprint('records', [{ ...request, timeoutMs: undefined }, pin ?? null]);
    const repeatable = { idempotencyKey, keyId: credential.keyId, modelName, fingerprint, deadlineAt };
    return this.repeats.once(repeatable, codec, (seed) => this.answer(call, seed));
  }

  private async answer(call: RecordsCall, repeat?: RepeatSeed<RecordsAnswer>): Promise<RecordsAnswer> {
    const { modelName, credential, pin, request } = call;
    const receivedAtMs = repeat?.claimedAtMs ?? this.clock.now().getTime();
    const route = this.versions.requireRoute(modelName);
    const outcomes = new Array<Outcome>(request.records.length);
    const work: RecordsWork = {
      call,
      route,
      receivedAtMs,
      startedAt: performance.now(),
      seed: repeat?.seed,
      outcomes,
      failures: [],
      receipts: [],
      beforeCapture: () => repeat?.requireRoom(answerOf(modelName, outcomes)),
    };
    const groups = new Map<string, Group>();
    for (const [index, json] of request.records.entries()) {
      const read = readHead(json, receivedAtMs);
      if (!read.head) {
        outcomes[index] = refusedRecord(read);
        continue;
      }
      const { head } = read;
      // without a key of its own each record draws alone
      const routingKey = head.routingKey ?? (head.id || `${repeat?.seed ?? call.requestId}/${index}`);
      const loaded = this.versions.choose(route, { credential, pin, routingKey });
      const refused = this.groups.add(groups, loaded, { index, head }, request);
      if (refused) outcomes[index] = refused;
    }
    await Promise.all([...groups.values()].map((group) => this.groups.run(work, group)));
    requireSomeAnswer(outcomes, work.failures);
    return answerOf(modelName, outcomes, work.receipts);
  }

  private count(model: string, outcome: string, records = 1): void {
    this.records.add(records, { model, outcome });
  }
}
