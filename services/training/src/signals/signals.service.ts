import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { SignalEntity } from './signal.entity.js';

export type NewSignal = Omit<SignalEntity, 'receivedAt' | 'weighedAt' | 'key' | 'nominalAt'> &
  Partial<Pick<SignalEntity, 'key' | 'nominalAt'>>;

/** What an event says, whichever pipeline it is about. */
export type Observation = Pick<NewSignal, 'cause' | 'features' | 'windowFrom' | 'windowTo'>;

/** Causes that wait for a decision, or for another one after they were held. */
@Injectable()
export class SignalsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps one signal per pipeline, cause and key: the newest event, with the features and the time of those it joins.
   * @returns the signal as it is now held
   */
  async put(signal: NewSignal): Promise<SignalEntity> {
    const { manager } = this.transactions;
    const { pipelineName, cause, key = '', nominalAt = null } = signal;
    const held = await manager.findOneBy(SignalEntity, { pipelineName, cause, key });
    const joined: SignalEntity = {
      ...(held ? join(held, signal) : signal),
      key,
      nominalAt,
      receivedAt: this.clock.now(),
      weighedAt: held?.weighedAt ?? null,
    };
    await manager.upsert(SignalEntity, joined, ['pipelineName', 'cause', 'key']);
    return joined;
  }

  /**
   * Pipelines of a model for which an observation says something new: those without a signal that was weighed since an instant
   * and already says all of it. Reads only: the events of a storm do not wait for one another.
   */
  async listUntold(modelName: string, { cause, features, windowFrom, windowTo }: Observation, weighedSince: Date): Promise<string[]> {
    const rows: { name: string }[] = await this.transactions.manager.query(
      `select name from pipelines where model_name = $1 and not exists (
         select 1 from signals where pipeline_name = name and cause = $2 and key = '' and weighed_at >= $3
           and window_from <= $4 and window_to >= $5 and features @> $6::jsonb)
       order by name`,
      [modelName, cause, weighedSince, windowFrom, windowTo, JSON.stringify(features)],
    );
    return rows.map(({ name }) => name);
  }

  /** Notes that a signal was weighed and held: until time has passed, more events of its kind only join it. */
  async noteWeighed({ pipelineName, cause, key }: SignalEntity): Promise<void> {
    await this.transactions.manager.update(SignalEntity, { pipelineName, cause, key }, { weighedAt: this.clock.now() });
  }

  /** Signals of a pipeline, oldest first. */
  async list(pipelineName: string): Promise<SignalEntity[]> {
    return this.transactions.manager.find(SignalEntity, {
      where: { pipelineName },
      order: { receivedAt: 'ASC', cause: 'ASC', key: 'ASC' },
    });
  }

  /** Pipelines with signals, those first that were not weighed for longest. @param limit absent: all of them */
  async listPipelineNames(limit?: number): Promise<string[]> {
    const rows: { pipeline_name: string }[] = await this.transactions.manager.query(
      'select pipeline_name from signals group by pipeline_name order by min(weighed_at) nulls first, pipeline_name limit $1',
      [limit ?? null],
    );
    return rows.map((row) => row.pipeline_name);
  }

  async remove({ pipelineName, cause, key }: Pick<SignalEntity, 'pipelineName' | 'cause' | 'key'>): Promise<void> {
    await this.transactions.manager.delete(SignalEntity, { pipelineName, cause, key });
  }

  /** Forgets what a pipeline was held for, of one cause. */
  async removeCause(pipelineName: string, cause: SignalEntity['cause']): Promise<void> {
    await this.transactions.manager.delete(SignalEntity, { pipelineName, cause });
  }
}

function join(held: NewSignal, signal: NewSignal): NewSignal {
  const isNewer = !held.windowTo || !signal.windowTo || signal.windowTo >= held.windowTo;
  const times = [held, signal].flatMap(({ windowFrom, windowTo }) =>
    windowFrom && windowTo ? [windowFrom.getTime(), windowTo.getTime()] : [],
  );
  const { pipelineName, cause, eventId, correlationId } = isNewer ? signal : held;
  return {
    ...{ pipelineName, cause, eventId, correlationId },
    features: [...new Set([...held.features, ...signal.features])].sort(),
    windowFrom: times.length > 0 ? new Date(Math.min(...times)) : null,
    windowTo: times.length > 0 ? new Date(Math.max(...times)) : null,
  };
}
