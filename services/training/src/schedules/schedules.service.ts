import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In, LessThanOrEqual } from 'typeorm';
import { ScheduleEntity } from './schedule.entity.js';
import { nextFireAfter, type Schedule } from './schedule.js';

const ruleOf = ({ cron, timeZone }: Schedule): string => `${cron} ${timeZone}`;

/** Which pipelines are due when. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Takes over the schedule of a pipeline; one that did not change keeps its next time. */
  async put(pipelineName: string, schedule: Schedule | undefined): Promise<void> {
    const { manager } = this.transactions;
    const kept = await manager.findOneBy(ScheduleEntity, { pipelineName });
    if (schedule && kept?.rule === ruleOf(schedule)) return;
    const nextAt = schedule && nextFireAfter(schedule, this.clock.now());
    if (!schedule || !nextAt) await manager.delete(ScheduleEntity, { pipelineName });
    else await manager.upsert(ScheduleEntity, { pipelineName, rule: ruleOf(schedule), nextAt }, ['pipelineName']);
  }

  /** Names of pipelines whose time has come, the longest due first. */
  async listDue(): Promise<string[]> {
    const due = await this.transactions.manager.find(ScheduleEntity, {
      where: { nextAt: LessThanOrEqual(this.clock.now()) },
      order: { nextAt: 'ASC' },
      take: 100,
    });
    return due.map(({ pipelineName }) => pipelineName);
  }

  /** Next times by pipeline name. */
  async nextFires(pipelineNames: readonly string[]): Promise<Map<string, Date>> {
    if (pipelineNames.length === 0) return new Map();
    const rows = await this.transactions.manager.findBy(ScheduleEntity, { pipelineName: In([...pipelineNames]) });
    return new Map(rows.map(({ pipelineName, nextAt }) => [pipelineName, nextAt]));
  }

  async moveTo(pipelineName: string, nextAt: Date | undefined): Promise<void> {
    const { manager } = this.transactions;
    if (nextAt) await manager.update(ScheduleEntity, { pipelineName }, { nextAt });
    else await manager.delete(ScheduleEntity, { pipelineName });
  }

  /** Claims one time of a pipeline; false when it was claimed before, whoever did. */
  async claim(pipelineName: string, nominalAt: Date): Promise<boolean> {
    const rows: unknown[] = await this.transactions.manager.query(
      `insert into schedule_fires (pipeline_name, nominal_at, claimed_at) values ($1, $2, $3)
       on conflict do nothing returning nominal_at`,
      [pipelineName, nominalAt, this.clock.now()],
    );
    return rows.length > 0;
  }
}
