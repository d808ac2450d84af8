import { type Credential, requireModel } from '@bascule/access';
import { decisionRecorded, groundTruthReceived } from '@bascule/contracts';
import type { EventDraft } from '@bascule/messaging';
import { Logger, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { modelNotFound, streamUnavailable } from '../errors.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { RoutingService } from '../routing/routing.service.js';
import type { DecisionsBody, GroundTruthBody, SubmissionReceipt } from './feedback.schema.js';
import { submissionIdOf } from './submission-id.js';

interface Submission {
  readonly modelName: string;
  readonly credential: Credential;
  readonly idempotencyKey: string | undefined;
}

/** Takes what clients learn and decide later; accepted means that the stream has it. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly publisher: RetainedPublisher,
    private readonly routing: RoutingService,
    private readonly log: Logger,
  ) {}

  async submitGroundTruth(submission: Submission, { items }: GroundTruthBody): Promise<SubmissionReceipt> {
    const submissionId = this.admit(submission, 'ground-truth', items);
    const { modelName, credential } = submission;
    return this.publish(
      { definition: groundTruthReceived, id: submissionId, data: { submissionId, modelName, keyId: credential.keyId, items } },
      items.length,
    );
  }

  async submitDecisions(submission: Submission, { items }: DecisionsBody): Promise<SubmissionReceipt> {
    const submissionId = this.admit(submission, 'decisions', items);
    const { modelName, credential } = submission;
    return this.publish(
      { definition: decisionRecorded, id: submissionId, data: { submissionId, modelName, keyId: credential.keyId, items } },
      items.length,
    );
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
