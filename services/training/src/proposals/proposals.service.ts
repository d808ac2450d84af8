import { type Credential, likePatterns } from '@bascule/access';
import { proposalAnswered, proposalOpened } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, newId, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { proposalNotFound, proposalAnswered as wasAnswered } from '../errors.js';
import type { PipelineEntity } from '../pipelines/pipeline.entity.js';
import { datasetsOf, narrowByDatasets } from '../pipelines/pipeline-names.js';
import { ProposalEntity } from './proposal.entity.js';
import type { ProposalsQuery } from './proposals.schema.js';

export type NewProposal = Pick<
  ProposalEntity,
  'pipelineName' | 'modelName' | 'datasetName' | 'evaluationDatasetName' | 'cause' | 'triggerId' | 'reasons'
>;

export interface Answer {
  readonly status: 'accepted' | 'declined' | 'superseded';
  readonly by: string;
  readonly reason: string;
  readonly runId?: string | undefined;
}

/** Runs that wait for a person. */
@Injectable()
export class ProposalsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Asks a person, unless one is being asked already. Under the lock of the pipeline. */
  async open(asked: NewProposal, context: { causationId: string; correlationId: string }): Promise<void> {
    const { manager } = this.transactions;
    if (await manager.existsBy(ProposalEntity, { pipelineName: asked.pipelineName, status: 'open' })) return;
    const id = newId();
    const { evaluationDatasetName: _, ...told } = asked;
    const data = { proposalId: id, ...told, ...datasetsOf(asked) };
    const lastEventId = await this.outbox.publish({ definition: proposalOpened, data, ...context });
    const { correlationId } = context;
    const none = { answeredAt: null, answeredBy: null, answerReason: null, runId: null };
    await manager.insert(ProposalEntity, { id, ...asked, ...none, status: 'open', openedAt: this.clock.now(), lastEventId, correlationId });
  }

  /** Another run came first: what was asked is moot. Under the lock of the pipeline. */
  async supersede({ name }: PipelineEntity, runId: string): Promise<void> {
    const open = await this.transactions.manager.findOneBy(ProposalEntity, { pipelineName: name, status: 'open' });
    if (open) await this.answer(open, { status: 'superseded', by: 'training', reason: `run ${runId} was requested`, runId });
  }

  /** Notes and publishes an answer to an open proposal. */
  async answer(proposal: ProposalEntity, { status, by, reason, runId }: Answer): Promise<ProposalEntity> {
    if (proposal.status !== 'open') throw wasAnswered({ id: proposal.id, status: proposal.status });
    const { id, pipelineName, modelName, lastEventId: causationId, correlationId } = proposal;
    const lastEventId = await this.outbox.publish({
      definition: proposalAnswered,
      data: {
        proposalId: id,
        pipelineName,
        modelName,
        ...datasetsOf(proposal),
        answer: status,
        answeredBy: by,
        reason,
        ...(runId ? { runId } : {}),
      },
      causationId,
      correlationId,
    });
    const answered = { status, answeredAt: this.clock.now(), answeredBy: by, answerReason: reason, runId: runId ?? null, lastEventId };
    await this.transactions.manager.update(ProposalEntity, { id }, answered);
    return Object.assign(proposal, answered);
  }

  async get(id: string): Promise<ProposalEntity> {
    const proposal = await this.transactions.manager.findOneBy(ProposalEntity, { id });
    if (!proposal) throw proposalNotFound({ id });
    return proposal;
  }

  async findLastDeclined(pipelineName: string): Promise<ProposalEntity | null> {
    return this.transactions.manager.findOne(ProposalEntity, { where: { pipelineName, status: 'declined' }, order: { id: 'DESC' } });
  }

  /** Proposals about models and datasets the credential may touch, newest first. */
  async list({ limit, cursor, pipeline, status }: ProposalsQuery, credential: Credential): Promise<Page<ProposalEntity>> {
    const query = this.transactions.manager
      .createQueryBuilder(ProposalEntity, 'proposal')
      .where('proposal.modelName like any(:models)', { models: likePatterns(credential.models) })
      .orderBy('proposal.id', 'DESC')
      .limit(limit + 1);
    narrowByDatasets(query, credential);
    if (pipeline !== undefined) query.andWhere('proposal.pipelineName = :pipeline', { pipeline });
    if (status !== undefined) query.andWhere('proposal.status = :status', { status });
    if (cursor) query.andWhere('proposal.id < :before', { before: decodeCursor(cursor, z.uuid()) });
    return pageOf(await query.getMany(), limit, (last) => last.id);
  }
}
