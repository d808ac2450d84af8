import { featureBroken } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AlertsService } from '../alerts/alerts.service.js';
import { takeTurn } from '../evaluation/turn.queries.js';
import { PoliciesService } from '../policies/policies.service.js';
import { storableText } from '../predictions/storable.js';
import { ReferencesService } from '../references/references.service.js';
import { nameOf, toTimeWindow, windowAt } from '../windows/window.js';
import { WindowsService } from '../windows/windows.service.js';
import { type FeatureFault, findFault } from './broken-feature.js';
import { type DueWindow, dueFaultChecks } from './drift.queries.js';
import { eachDue } from './each-due.js';

@Injectable()
export class FaultsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly windows: WindowsService,
    private readonly references: ReferencesService,
    private readonly policies: PoliciesService,
    private readonly alerts: AlertsService,
  ) {}

  /** Looks for broken features in every month that grew, also before it ends. */
  async check(): Promise<void> {
    await eachDue(
      (except) => dueFaultChecks(this.transactions.manager, except),
      (month) => this.checkMonth(month),
    );
  }

  private async checkMonth({ model_name: modelName, model_version: version, day }: DueWindow): Promise<void> {
    await this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const counts = await this.windows.month(modelName, version, day);
      await manager.query(
        `insert into fault_checks (model_name, model_version, month, prediction_count) values ($1, $2, $3, $4)
         on conflict (model_name, model_version, month) do update set prediction_count = excluded.prediction_count`,
        [modelName, version, day, counts.rows],
      );
      const profile = await this.references.find(modelName, version);
      if (!profile) return;
      const { policy } = await this.policies.get(modelName);
      for (const feature of profile.features) {
        const fault = findFault(feature, counts, policy.brokenFeature);
        if (fault) await this.report(manager, { modelName, version, day, feature: feature.name, fault, rows: counts.rows });
        else await this.resolveAlert(manager, modelName, version, day, feature.name);
      }
    });
  }

  /** A month stays broken once it was: later good rows do not heal those before. */
  private async report(
    manager: EntityManager,
    found: { modelName: string; version: number; day: string; feature: string; fault: FeatureFault; rows: number },
  ): Promise<void> {
    const { modelName, version, day, feature, fault, rows } = found;
    const reasons = fault.reasons.map(storableText);
    const reportId = newId();
    const inserted = (await manager.query(
      `insert into broken_features (report_id, model_name, model_version, month, feature, fault, factor, reasons, prediction_count, detected_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning report_id`,
      [reportId, modelName, version, day, feature, fault.fault, fault.factor ?? null, JSON.stringify(reasons), rows, this.clock.now()],
    )) as unknown[];
    if (inserted.length === 0) return;
    const window = windowAt('month', new Date(`${day}T00:00:00Z`));
    const data = { reportId, modelName, version, window: toTimeWindow(window), feature, fault: fault.fault, reasons };
    await this.outbox.publish({ definition: featureBroken, data });
    await this.alerts.raise(
      { modelName, rule: 'feature-broken', key: feature },
      `${feature} is broken in ${nameOf(window)}: ${reasons[0]}`,
    );
  }

  private async resolveAlert(manager: EntityManager, modelName: string, version: number, day: string, feature: string): Promise<void> {
    const later = (await manager.query(
      'select 1 from broken_features where model_name = $1 and model_version = $2 and feature = $3 and month >= $4 limit 1',
      [modelName, version, feature, day],
    )) as unknown[];
    if (later.length === 0) await this.alerts.resolve({ modelName, rule: 'feature-broken', key: feature }, `${feature} looks whole again`);
  }
}
