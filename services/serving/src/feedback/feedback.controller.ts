import { Credential, Roles } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { IdempotencyKeyHeader } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { answerTooLargeToKeep, modelNotFound, repeatsUnavailable, streamUnavailable } from '../errors.js';
import {
  type DecisionsBody,
  decisionsBody,
  type GroundTruthBody,
  groundTruthBody,
  type SubmissionReceipt,
  submissionReceipt,
} from './feedback.schema.js';
import { FeedbackService } from './feedback.service.js';

@ApiTags('feedback')
@Controller('v1/models/:model')
@Roles('client', 'operator', 'admin')
export class FeedbackController {
  constructor(private readonly feedback: FeedbackService) {}

  /** Takes ground truth for predictions, early, late, twice or corrected. */
  @Post('ground-truth')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Report what really happened',
    description: 'Names each prediction by its id or by the client record id. 202 means that the stream has it.',
  })
  @IdempotencyKeyHeader()
  @ApiResponse({ status: 202, standardSchema: submissionReceipt })
  @Problems(answerTooLargeToKeep, modelNotFound, repeatsUnavailable, streamUnavailable)
  submitGroundTruth(
    @Param('model', { schema: entityName }) modelName: string,
    @Credential() credential: Credential,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body({ schema: groundTruthBody }) body: GroundTruthBody,
  ): Promise<SubmissionReceipt> {
    return this.feedback.submitGroundTruth({ modelName, credential, idempotencyKey }, body);
  }

  /** Takes what the client did with predictions. */
  @Post('decisions')
  @HttpCode(202)
  @ApiOperation({ summary: 'Report what was decided with predictions' })
  @IdempotencyKeyHeader()
  @ApiResponse({ status: 202, standardSchema: submissionReceipt })
  @Problems(answerTooLargeToKeep, modelNotFound, repeatsUnavailable, streamUnavailable)
  submitDecisions(
    @Param('model', { schema: entityName }) modelName: string,
    @Credential() credential: Credential,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body({ schema: decisionsBody }) body: DecisionsBody,
  ): Promise<SubmissionReceipt> {
    return this.feedback.submitDecisions({ modelName, credential, idempotencyKey }, body);
  }
}
