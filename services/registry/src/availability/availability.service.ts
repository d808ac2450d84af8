import type { AvailabilityMeasured, Environment } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { MeasuredAvailability } from './error-budget.js';

/** Longer than any window a policy may name. */
const keepDays = 100;

interface Sums {
  readonly requests: string | null;
  readonly failed: string | null;
  readonly from_at: Date | null;
  readonly to_at: Date | null;
}

/** Adds up, by the hour, what gateways counted of each endpoint. */
@Injectable()
export class AvailabilityService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async note({ modelName, environment, from, to, requestCount, failedCount }: AvailabilityMeasured['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const [added] = (await manager.query(
        `insert into endpoint_availability as known (model_name, environment, hour, request_count, failed_count, from_at, to_at)
           values ($1, $2, date_trunc('hour', $4::timestamptz, 'UTC'), $5, $6, $3, $4)
         on conflict (model_name, environment, hour) do update set
           request_count = known.request_count + excluded.request_count, failed_count = known.failed_count + excluded.failed_count,
           from_at = least(known.from_at, excluded.from_at), to_at = greatest(known.to_at, excluded.to_at)
         returning (xmax = 0) as "isNew"`,
        [modelName, environment, from, to, requestCount, failedCount],
      )) as { isNew: boolean }[];
      if (added?.isNew) await manager.query('delete from endpoint_availability where hour < now() - make_interval(days => $1)', [keepDays]);
    });
  }

  /** What was counted in so many days before now. */
  async find(modelName: string, environment: Environment, days: number): Promise<MeasuredAvailability> {
    const since = new Date(this.clock.now().getTime() - days * 86_400_000);
    const [sums] = (await this.transactions.manager.query(
      `select sum(request_count) as requests, sum(failed_count) as failed, min(from_at) as from_at, max(to_at) as to_at
         from endpoint_availability where model_name = $1 and environment = $2 and to_at > $3`,
      [modelName, environment, since],
    )) as Sums[];
    return {
      requestCount: Number(sums?.requests ?? 0),
      failedCount: Number(sums?.failed ?? 0),
      from: sums?.from_at ?? null,
      to: sums?.to_at ?? null,
    };
  }
}
