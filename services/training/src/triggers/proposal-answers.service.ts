import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { proposalAnswered } from '../errors.js';
import { PipelinesService } from '../pipelines/pipelines.service.js';
import type { ProposalEntity } from '../proposals/proposal.entity.js';
import { ProposalsService } from '../proposals/proposals.service.js';
import { SignalsService } from '../signals/signals.service.js';
import { TriggersService } from './triggers.service.js';

/** What follows when a person accepts or declines a proposed run. */
@Injectable()
export class ProposalAnswersService {
  constructor(
    private readonly transactions: Transactions,
    private readonly pipelines: PipelinesService,
    private readonly proposals: ProposalsService,
    private readonly signals: SignalsService,
    private readonly triggers: TriggersService,
  ) {}

  /** Starts the run; a freeze, a running run or missing data still stand in its way, and the proposal stays open. */
  async accept(id: string, by: string, reason: string): Promise<ProposalEntity> {
    return this.answerOnce(id, async (proposal, pipeline) => {
      const { cause, lastEventId, correlationId, reasons } = proposal;
      const decided = { cause, requestedBy: by, causationId: lastEventId, correlationId, proposalId: id };
      const run = await this.triggers.requestOrRefuse(pipeline, decided, `${reasons.join('; ')}: accepted by ${by}`);
      return this.proposals.answer(proposal, { status: 'accepted', by, reason, runId: run.id });
    });
  }

  /** Forgets the cause; the pipeline cools down before it asks again. */
  async decline(id: string, by: string, reason: string): Promise<ProposalEntity> {
    return this.answerOnce(id, (proposal) => this.proposals.answer(proposal, { status: 'declined', by, reason }));
  }

  private async answerOnce(
    id: string,
    answer: (proposal: ProposalEntity, pipeline: NonNullable<Awaited<ReturnType<PipelinesService['lock']>>>) => Promise<ProposalEntity>,
  ): Promise<ProposalEntity> {
    return this.transactions.run(async () => {
      const { pipelineName } = await this.proposals.get(id);
      const pipeline = await this.pipelines.lock(pipelineName);
      // read again under the lock: somebody may have answered meanwhile
      const proposal = await this.proposals.get(id);
      if (!pipeline || proposal.status !== 'open') throw proposalAnswered({ id, status: proposal.status });
      const answered = await answer(proposal, pipeline);
      await this.signals.removeCause(pipelineName, proposal.cause);
      return answered;
    });
  }
}
