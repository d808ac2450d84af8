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

  /** Keeps one signal per pipeline and cause: the newest event, with the features and the time of those it joins. */
  async put(signal: NewSignal): Promise<void> {
    const { manager } = this.transactions;
    const held = await manager.findOneBy(SignalEntity, { pipelineName: signal.pipelineName, cause: signal.cause });
    await manager.upsert(SignalEntity, { ...(held ? join(held, signal) : signal), receivedAt: this.clock.now() }, [
      'pipelineName',
      'cause',
    ]);
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

function join(held: NewSignal, signal: NewSignal): NewSignal {
  const isNewer = !held.windowTo || !signal.windowTo || signal.windowTo >= held.windowTo;
  const times = [held, signal].flatMap(({ windowFrom, windowTo }) =>
    windowFrom && windowTo ? [windowFrom.getTime(), windowTo.getTime()] : [],
  );
  return {
    ...(isNewer ? signal : held),
    features: [...new Set([...held.features, ...signal.features])].sort(),
    windowFrom: times.length > 0 ? new Date(Math.min(...times)) : null,
    windowTo: times.length > 0 ? new Date(Math.max(...times)) : null,
  };
}
