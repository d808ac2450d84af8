import { Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { missingApprovals } from '@bascule/contracts';
import { ApiBearerAuth, ApiOperation, ApiTags, decodeCursor, type Page, Problems, pageOf } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { alreadyDecided, alreadyVoted, approvalNotFound, ownRequest, roleNotAsked } from '../errors.js';
import type { Approval } from './approval.entity.js';
import type { ApprovalVote } from './approval-vote.entity.js';
import { type ApprovalsQuery, approvalCursor, approvalId, approvalsQuery, type Vote, vote } from './approvals.schema.js';
import { ApprovalsService, requirementsOf } from './approvals.service.js';

function shown({ id, request, causeId: _, correlationId: __, ...approval }: Approval, votes: readonly ApprovalVote[]) {
  const { gates, metrics, override, artifactDigest, championVersion, expiresAt } = request;
  const cast = votes.filter(({ approvalId }) => approvalId === id);
  const requirements = requirementsOf({ id, request, ...approval } as Approval);
  const missing = approval.status === 'pending' ? missingApprovals(requirements, cast) : [];
  return {
    approvalId: id,
    ...approval,
    gates,
    metrics,
    override,
    artifactDigest,
    championVersion,
    expiresAt,
    /** Who has to say yes, and which roles still lack one. */
    requirements,
    missing,
    votes: cast.map(({ voter, roles, decision, reason, votedAt }) => ({ voter, roles, decision, reason, votedAt })),
  };
}

@ApiTags('approvals')
@ApiBearerAuth()
@Controller('v1/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @Roles('approver', 'scientist', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'Lists approvals with their votes, newest first' })
  async listApprovals(
    @Query({ schema: approvalsQuery }) query: ApprovalsQuery,
    @Credential() credential: Credential,
  ): Promise<Page<ReturnType<typeof shown>>> {
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, approvalCursor);
    const rows = await this.approvals.list(query, credential, before);
    const votes = await this.approvals.votesOf(rows.map(({ id }) => id));
    return pageOf(
      rows.map((row) => shown(row, votes)),
      query.limit,
      ({ approvalId: id }) => id,
    );
  }

  @Get(':id')
  @Roles('approver', 'scientist', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'One approval with the gates and metrics it is about, its votes and who is still missing' })
  @Problems(modelNotAllowed, approvalNotFound)
  async getApproval(@Param('id', { schema: approvalId }) id: string, @Credential() credential: Credential) {
    const approval = await this.approvals.get(id);
    requireModel(credential, approval.modelName);
    return shown(approval, await this.approvals.votesOf([id]));
  }

  @Post(':id/votes')
  @HttpCode(200)
  @Roles('approver', 'scientist', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'Votes, with one of the roles that are asked; one no decides, and so does the last yes that is needed' })
  @Problems(modelNotAllowed, alreadyDecided, alreadyVoted, approvalNotFound, ownRequest, roleNotAsked)
  async castVote(
    @Param('id', { schema: approvalId }) id: string,
    @Body({ schema: vote }) body: Vote,
    @Credential() credential: Credential,
  ) {
    return shown(await this.approvals.vote(id, body, credential), await this.approvals.votesOf([id]));
  }
}
