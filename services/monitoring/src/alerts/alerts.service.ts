import { likePatterns } from '@bascule/access';
import { alertRaised, alertResolved } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { type AlertSubject, alertRules } from './alert-rule.js';

export interface AlertRow {
  alert_id: string;
  model_name: string;
  rule: string;
  key: string;
  severity: 'info' | 'warning' | 'critical';
  message: string;
  raised_at: Date;
  resolved_at: Date | null;
  resolution: string | null;
}

@Injectable()
export class AlertsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Raises an alert unless one is open about the same matter. Must run in a transaction. */
  async raise({ modelName, rule, key }: AlertSubject, message: string): Promise<void> {
    const alertId = newId();
    const severity = alertRules[rule];
    const raised = (await this.transactions.manager.query(
      `insert into alerts (alert_id, model_name, rule, key, severity, message, raised_at) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict do nothing returning alert_id`,
      [alertId, modelName, rule, key, severity, message, this.clock.now()],
    )) as unknown[];
    if (raised.length > 0) await this.outbox.publish({ definition: alertRaised, data: { alertId, modelName, rule, severity, message } });
  }

  /** Resolves the open alert about a matter, if there is one. Must run in a transaction. */
  async resolve({ modelName, rule, key }: AlertSubject, message: string): Promise<void> {
    const [open] = (await this.transactions.manager.query(
      'select * from alerts where model_name = $1 and rule = $2 and key = $3 and resolved_at is null for update',
      [modelName, rule, key],
    )) as AlertRow[];
    if (!open) return;
    await this.transactions.manager.query('update alerts set resolved_at = $2, resolution = $3 where alert_id = $1', [
      open.alert_id,
      this.clock.now(),
      message,
    ]);
    const data = { alertId: open.alert_id, modelName, rule, severity: open.severity, message };
    await this.outbox.publish({ definition: alertResolved, data });
  }

  /** Newest first; only those about models the patterns cover. */
  async list(filter: {
    modelName?: string | undefined;
    models: readonly string[];
    isOpen?: boolean | undefined;
    before?: string | undefined;
    limit: number;
  }): Promise<AlertRow[]> {
    return this.transactions.manager.query(
      `select * from alerts where ($1::text is null or model_name = $1) and ($2::bool is null or (resolved_at is null) = $2)
       and ($3::uuid is null or alert_id < $3) and model_name like any($5::text[]) order by alert_id desc limit $4`,
      [filter.modelName ?? null, filter.isOpen ?? null, filter.before ?? null, filter.limit, likePatterns(filter.models)],
    );
  }
}
