import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { datasetVersionNotFound, proposalAnswered, proposalNotFound, triggerHeld } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import type { ProposalEntity } from '../proposals/proposal.entity.js';
import { type ProposalAnswer, type ProposalsQuery, proposalAnswer, proposalId, proposalsQuery } from '../proposals/proposals.schema.js';
import { ProposalsService } from '../proposals/proposals.service.js';
import { ProposalAnswersService } from './proposal-answers.service.js';

const viewOf = ({ id, lastEventId, ...proposal }: ProposalEntity) => ({ proposalId: id, ...proposal });
type ProposalView = ReturnType<typeof viewOf>;

@ApiTags('proposals')
@Controller('v1/proposals')
export class ProposalsController {
  constructor(
    private readonly proposals: ProposalsService,
    private readonly answers: ProposalAnswersService,
  ) {}

  @Get()
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'List proposed runs, newest first' })
  async list(@Query({ schema: proposalsQuery }) query: ProposalsQuery, @Credential() caller: Caller): Promise<Page<ProposalView>> {
    const page = await this.proposals.list(query, caller);
    return { ...page, items: page.items.map(viewOf) };
  }

  @Get(':id')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Read a proposed run' })
  @Problems(datasetNotAllowed, modelNotAllowed, proposalNotFound)
  async get(@Param('id', { schema: proposalId }) id: string, @Credential() caller: Caller): Promise<ProposalView> {
    const proposal = await this.proposals.get(id);
    requireNames(caller, proposal);
    return viewOf(proposal);
  }

  @Post(':id/accept')
  @HttpCode(200)
  @Roles('scientist', 'operator', 'admin')
  @ApiOperation({ summary: 'Accept a proposed run: it is requested at once' })
  @Problems(datasetNotAllowed, modelNotAllowed, datasetVersionNotFound, proposalAnswered, proposalNotFound, triggerHeld)
  async accept(
    @Param('id', { schema: proposalId }) id: string,
    @Body({ schema: proposalAnswer }) body: ProposalAnswer,
    @Credential() caller: Caller,
  ): Promise<ProposalView> {
    requireNames(caller, await this.proposals.get(id));
    return viewOf(await this.answers.accept(id, caller.identity, body.reason));
  }

  @Post(':id/decline')
  @HttpCode(200)
  @Roles('scientist', 'operator', 'admin')
  @ApiOperation({ summary: 'Decline a proposed run; the pipeline cools down before it asks again' })
  @Problems(datasetNotAllowed, modelNotAllowed, proposalAnswered, proposalNotFound)
  async decline(
    @Param('id', { schema: proposalId }) id: string,
    @Body({ schema: proposalAnswer }) body: ProposalAnswer,
    @Credential() caller: Caller,
  ): Promise<ProposalView> {
    requireNames(caller, await this.proposals.get(id));
    return viewOf(await this.answers.decline(id, caller.identity, body.reason));
  }
}
