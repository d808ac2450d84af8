import { performanceDegraded, type ReferenceProfile } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AlertsService } from '../alerts/alerts.service.js';
import { attemptEach } from '../evaluation/attempt-each.js';
import { takeTurn } from '../evaluation/turn.queries.js';
import { PoliciesService } from '../policies/policies.service.js';
import { ReferencesService } from '../references/references.service.js';
import { type CalendarWindow, nameOf, toTimeWindow, windowAt } from '../windows/window.js';
import { type DueYear, dueYears, labelledRows, storedVerdicts, upsertPerformance } from './performance.queries.js';
import { judgePerformance, type MetricVerdict } from './performance-verdict.js';
import { judgeQuality } from './quality-verdict.js';
import { WindowQualities } from './window-quality.service.js';

@Injectable()
export class PerformanceService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly references: ReferencesService,
    private readonly policies: PoliciesService,
    private readonly qualities: WindowQualities,
    private readonly alerts: AlertsService,
  ) {}

  /** Judges each ended year with enough labels, and again when late labels or corrections change it noticeably. */
  async evaluate(): Promise<void> {
    await attemptEach(await dueYears(this.transactions.manager), async (due) => {
      const { policy } = await this.policies.get(due.model_name);
      if (due.labelled >= due.predictions * policy.performance.minLabelledShare) await this.judge(due);
    });
  }

  private async judge({ model_name: modelName, model_version: version, day }: DueYear): Promise<void> {
    const window = windowAt('year', new Date(`${day}T00:00:00Z`));
    await this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const profile = await this.references.find(modelName, version);
      if (!profile) return;
      const judged = await this.verdictsOf(modelName, version, window, profile);
      if (!judged) return;
      const { verdicts, labelledCount, usableCount } = judged;
      const before = await storedVerdicts(manager, modelName, version, window);
      const reportId = await upsertPerformance(
        manager,
        { reportId: newId(), modelName, version, window, labelledCount, at: this.clock.now() },
        verdicts,
      );
      const degraded = verdicts.filter(({ verdict }) => verdict === 'degraded');
      for (const { metric, value, reference, reasons } of degraded.filter(({ metric }) => before.get(metric) !== 'degraded')) {
        const data = {
          reportId,
          modelName,
          version,
          window: toTimeWindow(window),
          metric,
          value,
          reference,
          labelledCount: usableCount,
          reasons,
        };
        await this.outbox.publish({ definition: performanceDegraded, data });
      }
      const subject = { modelName, rule: 'performance-degraded', key: `version ${version}` } as const;
      if (degraded.length > 0)
        await this.alerts.raise(subject, `version ${version} in ${nameOf(window)}: ${degraded[0]!.reasons.join('; ')}`);
      else if (verdicts.some(({ verdict }) => verdict === 'steady'))
        await this.alerts.resolve(subject, `version ${version} was steady in ${nameOf(window)}`);
    });
  }

  /** How labelled predictions of a window did, by what the model answers with; undefined where its profile has nothing to hold them against. */
  private async verdictsOf(
    modelName: string,
    version: number,
    window: CalendarWindow,
    { performance, quality }: ReferenceProfile,
  ): Promise<{ verdicts: MetricVerdict[]; labelledCount: number; usableCount: number } | undefined> {
    if (!performance && !quality) return undefined;
    const { policy } = await this.policies.get(modelName);
    const rows = await labelledRows(this.transactions.manager, modelName, version, window);
    const labelledCount = rows.length;
    if (quality) {
      const found = await this.qualities.measure(modelName, version, window, quality);
      return { verdicts: judgeQuality(found, quality, policy.performance), labelledCount, usableCount: found.rowCount };
    }
    const usable = rows.filter((row) => row.score !== null);
    const scores = usable.map(({ score }) => score!);
    const labels = usable.map(({ label }) => (label === 1 ? 1 : 0));
    return { verdicts: judgePerformance(scores, labels, performance!, policy.performance), labelledCount, usableCount: usable.length };
  }
}
