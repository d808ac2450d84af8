import { Credential, matchesAny, modelNotAllowed, Roles, requireDataset, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { contractInvalid, contractMismatch, contractNotFound, datasetNotFound, feedbackInvalid } from '../errors.js';
import { readers } from '../readers.js';
import { type FeedbackBody, feedbackBody, feedbackList, feedbackView } from './feedback.schema.js';
import { FeedbackService } from './feedback.service.js';
import type { FeedbackRuleEntity } from './feedback-rule.entity.js';

@ApiTags('feedback')
@Controller('v1/datasets/:dataset/feedback')
export class FeedbackController {
  constructor(private readonly feedback: FeedbackService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Let labelled predictions of a model flow into the dataset; replaces the rule of the same model' })
  @ApiResponse({ status: 201, standardSchema: feedbackView })
  @Problems(modelNotAllowed, contractInvalid, contractMismatch, contractNotFound, datasetNotFound, feedbackInvalid)
  async configure(
    @Param('dataset', { schema: entityName }) dataset: string,
    @Body({ schema: feedbackBody }) body: FeedbackBody,
    @Credential() credential: Credential,
  ) {
    requireDataset(credential, dataset);
    requireModel(credential, body.modelName);
    const rule = await this.feedback.configure(dataset, body, credential.identity);
    return viewOf(rule, await this.feedback.pendingCount(dataset));
  }

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'Models that feed the dataset, and how many rows of theirs wait' })
  @ApiResponse({ status: 200, standardSchema: feedbackList })
  @Problems(datasetNotFound)
  async list(@Param('dataset', { schema: entityName }) dataset: string, @Credential() credential: Credential) {
    requireDataset(credential, dataset);
    const pendingCount = await this.feedback.pendingCount(dataset);
    const rules = (await this.feedback.list(dataset)).filter(({ modelName }) => matchesAny(credential.models, modelName));
    return { items: rules.map((rule) => viewOf(rule, pendingCount)), nextCursor: null };
  }
}

function viewOf({ createdAt, ...rule }: FeedbackRuleEntity, pendingCount: number) {
  return { ...rule, pendingCount, createdAt: createdAt.toISOString() };
}
