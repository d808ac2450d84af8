import { type Credential, requireModel } from '@bascule/access';
import { decisionRecorded, type GroundTruthItem, groundTruthReceived } from '@bascule/contracts';
import type { EventDraft } from '@bascule/messaging';
import { invalidRequest, Logger, newId, type ProblemItem } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { modelNotFound, streamUnavailable } from '../errors.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { jsonFingerprint } from '../repeats/fingerprint.js';
import { RepeatsService } from '../repeats/repeats.service.js';
import { type AnswerCodec, jsonCodec } from '../repeats/stored-answer.js';
import { RoutingService } from '../routing/routing.service.js';
import type { DecisionsBody, GroundTruthBody, SubmissionReceipt } from './feedback.schema.js';
import { classesOf, labelNumber } from './label-number.js';
import { submissionIdOf } from './submission-id.js';

interface Submission {
  readonly modelName: string;
  readonly credential: Credential;
  readonly idempotencyKey: string | undefined;
}

const reporterOf = ({ keyId, identity }: Credential) => ({ keyId, reportedBy: identity });

/** Takes what clients learn and decide later; accepted means that the stream has it. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly publisher: RetainedPublisher,
    private readonly repeats: RepeatsService,
    private readonly routing: RoutingService,
    private readonly log: Logger,
  ) {}

  async submitGroundTruth(submission: Submission, body: GroundTruthBody): Promise<SubmissionReceipt> {
    const { modelName, credential } = submission;
    const submissionId = this.admit(submission, 'ground-truth', body.items);
    const items = this.numbered(modelName, body.items);
    const draft = {
      definition: groundTruthReceived,
      id: submissionId,
      data: { submissionId, modelName, ...reporterOf(credential), items },
    };
    return this.once(submission, 'ground-truth', body.items, () => this.publish(draft, items.length));
  }

  async submitDecisions(submission: Submission, { items }: DecisionsBody): Promise<SubmissionReceipt> {
    const submissionId = this.admit(submission, 'decisions', items);
    const { modelName, credential } = submission;
    const draft = { definition: decisionRecorded, id: submissionId, data: { submissionId, modelName, ...reporterOf(credential), items } };
    return this.once(submission, 'decisions', items, () => this.publish(draft, items.length));
  }

  /** Labels as numbers. @throws platform.invalid_request with every label that names no class */
  private numbered(modelName: string, items: GroundTruthBody['items']): GroundTruthItem[] {
    const entry = this.routing.entries().find((known) => known.modelName === modelName);
    const classes = classesOf(entry);
    const told =
      classes.count === undefined
        ? ''
        : `, which has ${classes.count}: give the position from 0${classes.names.length > 0 ? ' or the name' : '; its signature names none, neither as `columns` of the probabilities nor as `classes` of the label'}`;
    const errors: ProblemItem[] = [];
    const numbered = items.map((item, index) => {
      const label = labelNumber(item.label, classes);
      if (label === undefined)
        errors.push({ path: `items.${index}.label`, message: `${JSON.stringify(item.label)} is no class of the model${told}` });
      return { ...item, label: label ?? 0 };
    });
    if (errors.length > 0) throw invalidRequest({ errors }, `${errors[0]?.path}: ${errors[0]?.message}`);
    return numbered;
  }

  /** @throws platform.idempotency_conflict when the key came with other items before */
  private async once(
    { modelName, credential, idempotencyKey }: Submission,
    kind: string,
    items: unknown,
    work: () => Promise<SubmissionReceipt>,
  ): Promise<SubmissionReceipt> {
    if (!idempotencyKey) return work();
    // names of models hold no blank: a key for a prediction is another one
    const call = { idempotencyKey, keyId: credential.keyId, modelName: `${modelName} ${kind}`, fingerprint: jsonFingerprint(kind, items) };
    return (await this.repeats.once(call, jsonCodec as AnswerCodec<SubmissionReceipt>, work)).answer;
  }

  private admit({ modelName, credential, idempotencyKey }: Submission, kind: string, items: unknown): string {
    requireModel(credential, modelName);
    if (!this.routing.isKnown(modelName)) throw modelNotFound({ model: modelName });
    return idempotencyKey ? submissionIdOf({ kind, keyId: credential.keyId, modelName, idempotencyKey, items }) : newId();
  }

  private async publish<Definition extends typeof groundTruthReceived | typeof decisionRecorded>(
    draft: EventDraft<Definition> & { id: string },
    accepted: number,
  ): Promise<SubmissionReceipt> {
    try {
      await this.publisher.publish(draft);
    } catch (error) {
      this.log.warn({ err: error, type: draft.definition.type }, 'submission not taken by the stream');
      throw streamUnavailable();
    }
    return { submissionId: draft.id, accepted };
  }
}
