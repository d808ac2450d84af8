import { driftCleared, driftDetected } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AlertsService } from '../alerts/alerts.service.js';
import { attemptEach } from '../evaluation/attempt-each.js';
import { takeTurn } from '../evaluation/turn.queries.js';
import { PoliciesService } from '../policies/policies.service.js';
import { ReferencesService } from '../references/references.service.js';
import { type CalendarWindow, type Grain, nameOf, toTimeWindow, windowAt } from '../windows/window.js';
import { WindowsService } from '../windows/windows.service.js';
import { type DueWindow, dueWindows, earlierVerdicts, faultsBetween, hasUncheckedMonth, upsertReport } from './drift.queries.js';
import { eachDue } from './each-due.js';
import { FaultsService } from './faults.service.js';
import { changeOf, judgeWindow } from './window-drift.js';

@Injectable()
export class DriftService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly windows: WindowsService,
    private readonly references: ReferencesService,
    private readonly policies: PoliciesService,
    private readonly faults: FaultsService,
    private readonly alerts: AlertsService,
  ) {}

  /** Gives every verdict that is due: faults first, so that a broken feature is never called drifted; months before the years they make up. */
  async evaluate(): Promise<void> {
    const judgeDue = (grain: Grain) =>
      eachDue(
        (except) => dueWindows(this.transactions.manager, grain, except),
        (window) => this.judge(window, grain),
      );
    await attemptEach([() => this.faults.check(), () => judgeDue('month'), () => judgeDue('year')], (step) => step());
  }

  private async judge({ model_name: modelName, model_version: version, day }: DueWindow, grain: Grain): Promise<void> {
    const window = windowAt(grain, new Date(`${day}T00:00:00Z`));
    await this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const profile = await this.references.find(modelName, version);
      if (!profile) return;
      if (await hasUncheckedMonth(manager, modelName, version, window)) throw new Error(`${modelName} waits for a fault check that failed`);
      const [months, faults, earlier, { policy }] = [
        await this.windows.months(modelName, version, window.from, window.to),
        await faultsBetween(manager, modelName, version, window),
        await earlierVerdicts(manager, modelName, version, window),
        await this.policies.get(modelName),
      ];
      const verdicts = judgeWindow(profile, { window, months, faults, earlier }, policy.drift);
      const predictionCount = months.reduce((sum, { counts }) => sum + counts.rows, 0);
      const report = { reportId: newId(), modelName, version, window, predictionCount, at: this.clock.now() };
      const reportId = await upsertReport(manager, report, verdicts);
      const change = changeOf(verdicts, earlier, window);
      const observed = { reportId, modelName, version, window: toTimeWindow(window) };
      if (change.detected.length > 0) {
        const features = change.detected.map(({ verdict: _, exceeds: __, ...feature }) => feature);
        await this.outbox.publish({ definition: driftDetected, data: { ...observed, referenceVersion: profile.datasetVersion, features } });
      }
      if (change.cleared.length > 0)
        await this.outbox.publish({ definition: driftCleared, data: { ...observed, features: change.cleared } });
      await this.alert(
        modelName,
        version,
        window,
        verdicts.filter(({ verdict }) => verdict === 'drifted').map(({ feature }) => feature),
      );
    });
  }

  private async alert(modelName: string, version: number, window: CalendarWindow, drifted: string[]): Promise<void> {
    const subject = { modelName, rule: 'feature-drift', key: `version ${version} by ${window.grain}` } as const;
    if (drifted.length > 0) await this.alerts.raise(subject, `version ${version}: ${drifted.join(', ')} drifted in ${nameOf(window)}`);
    else await this.alerts.resolve(subject, `version ${version}: nothing drifted in ${nameOf(window)}`);
  }
}
