import { Credential, Roles, requireModel } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, decodeCursor, type Page, pageOf } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { Approval } from './approval.entity.js';
import { type ApprovalsQuery, approvalCursor, approvalId, approvalsQuery, type Vote, vote } from './approvals.schema.js';
import { ApprovalsService } from './approvals.service.js';

function shown({ id, request, causeId: _, correlationId: __, ...approval }: Approval) {
  const { gates, metrics, override, artifactDigest, championVersion } = request;
  return { approvalId: id, ...approval, gates, metrics, override, artifactDigest, championVersion };
}

@ApiTags('approvals')
@ApiBearerAuth()
@Controller('v1/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @Roles('approver', 'scientist', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'Lists approvals, newest first' })
  async listApprovals(
    @Query({ schema: approvalsQuery }) query: ApprovalsQuery,
    @Credential() credential: Credential,
  ): Promise<Page<ReturnType<typeof shown>>> {
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, approvalCursor);
    const rows = await this.approvals.list(query, credential, before);
    return pageOf(rows.map(shown), query.limit, ({ approvalId: id }) => id);
  }

  @Get(':id')
  @Roles('approver', 'scientist', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'One approval with the gates and metrics it is about' })
  async getApproval(@Param('id', { schema: approvalId }) id: string, @Credential() credential: Credential) {
    const approval = await this.approvals.get(id);
    requireModel(credential, approval.modelName);
    return shown(approval);
  }

  @Post(':id/votes')
  @HttpCode(200)
  @Roles('approver')
  @ApiOperation({ summary: 'Votes; the first vote decides' })
  async castVote(
    @Param('id', { schema: approvalId }) id: string,
    @Body({ schema: vote }) body: Vote,
    @Credential() credential: Credential,
  ) {
    return shown(await this.approvals.vote(id, body, credential));
  }
}
