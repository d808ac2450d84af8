import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { defaultPolicy, type MonitoringPolicy, monitoringPolicy } from './policy.js';

export interface PolicyView {
  modelName: string;
  policy: MonitoringPolicy;
  setBy: string | null;
  setAt: Date | null;
}

@Injectable()
export class PoliciesService {
  constructor(private readonly transactions: Transactions) {}

  /** True for models that were registered, predicted with or given a policy. */
  async isKnown(modelName: string): Promise<boolean> {
    const [row] = (await this.transactions.manager.query(
      `select exists (select 1 from monitored_models where model_name = $1) or exists (select 1 from model_versions where model_name = $1) as known`,
      [modelName],
    )) as [{ known: boolean }];
    return row.known;
  }

  /** The policy of a model, or the default of one that nobody has heard of. */
  async get(modelName: string): Promise<PolicyView> {
    const [row] = (await this.transactions.manager.query(
      'select policy, policy_set_by, policy_set_at from monitored_models where model_name = $1',
      [modelName],
    )) as { policy: unknown; policy_set_by: string | null; policy_set_at: Date | null }[];
    // parsed again: a policy set before a setting existed gets its default
    const policy = row?.policy ? monitoringPolicy.parse(row.policy) : defaultPolicy;
    return { modelName, policy, setBy: row?.policy_set_by ?? null, setAt: row?.policy_set_at ?? null };
  }

  async set(modelName: string, policy: MonitoringPolicy, by: string): Promise<PolicyView> {
    await this.transactions.manager.query(
      `insert into monitored_models (model_name, policy, policy_set_by, policy_set_at) values ($1, $2, $3, now())
       on conflict (model_name) do update set policy = excluded.policy, policy_set_by = excluded.policy_set_by, policy_set_at = excluded.policy_set_at`,
      [modelName, JSON.stringify(policy), by],
    );
    return this.get(modelName);
  }
}
