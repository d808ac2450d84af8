import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { SignalEntity } from './signal.entity.js';

export type NewSignal = Omit<SignalEntity, 'receivedAt'>;

/** Causes that wait for a decision, or for another one after they were held. */
@Injectable()
export class SignalsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Keeps the newest signal per pipeline and cause; one that speaks of an older window changes nothing. */
  async put(signal: NewSignal): Promise<void> {
    const { manager } = this.transactions;
    const key = { pipelineName: signal.pipelineName, cause: signal.cause };
    const known = await manager.findOneBy(SignalEntity, key);
    if (known?.windowTo && signal.windowTo && signal.windowTo < known.windowTo) return;
    await manager.upsert(SignalEntity, { ...signal, receivedAt: this.clock.now() }, ['pipelineName', 'cause']);
  }

  /** Signals of a pipeline, oldest first. */
  async list(pipelineName: string): Promise<SignalEntity[]> {
    return this.transactions.manager.find(SignalEntity, { where: { pipelineName }, order: { receivedAt: 'ASC', cause: 'ASC' } });
  }

  async listPipelineNames(): Promise<string[]> {
    const rows: { pipeline_name: string }[] = await this.transactions.manager.query('select distinct pipeline_name from signals');
    return rows.map((row) => row.pipeline_name);
  }

  async remove({ pipelineName, cause }: Pick<SignalEntity, 'pipelineName' | 'cause'>): Promise<void> {
    await this.transactions.manager.delete(SignalEntity, { pipelineName, cause });
  }
}
