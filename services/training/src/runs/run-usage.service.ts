import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { In, MoreThanOrEqual } from 'typeorm';
import { RunEntity } from './run.entity.js';
import { countLosses } from './run-usage.js';

const maxLosses = 100;

/** What runs have used and brought, for the brakes. */
@Injectable()
export class RunUsageService {
  constructor(private readonly transactions: Transactions) {}

  /** Runs waiting or running in the whole service. */
  async countActive(): Promise<number> {
    return this.transactions.manager.countBy(RunEntity, { status: In(['queued', 'running']) });
  }

  /** Runs of a pipeline requested since an instant, and minutes that its runs which ended since then or go on have computed. */
  async since(pipelineName: string, from: Date): Promise<{ runs: number; computeMinutes: number }> {
    const [row]: { runs: string; milliseconds: string }[] = await this.transactions.manager.query(
      `select count(*) filter (where requested_at >= $2) as runs,
         coalesce(sum(compute_ms + case when attempt_started_at is null then 0
           else extract(epoch from now() - attempt_started_at) * 1000 end), 0) as milliseconds
       from runs where pipeline_name = $1 and (finished_at is null or finished_at >= $2)`,
      [pipelineName, from],
    );
    return { runs: Number(row?.runs ?? 0), computeMinutes: Number(row?.milliseconds ?? 0) / 60_000 };
  }

  /** Runs in a row that failed or did not beat the champion, of those requested since an instant. */
  async lossesInARow(pipelineName: string, since: Date): Promise<number> {
    const runs = await this.transactions.manager.find(RunEntity, {
      select: { id: true, status: true, result: true },
      where: { pipelineName, status: In(['succeeded', 'failed']), requestedAt: MoreThanOrEqual(since) },
      order: { id: 'DESC' },
      take: maxLosses,
    });
    return countLosses(runs);
  }
}
