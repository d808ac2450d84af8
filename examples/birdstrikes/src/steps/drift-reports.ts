import { claimsBetween } from '../claims.js';
import { names, type Story } from '../story.js';
import { waitFor } from '../wait-for.js';

export interface DriftReport {
  readonly window: { readonly from: string; readonly to: string };
  readonly predictionCount: number;
  readonly features: readonly { feature: string; score: number; expectedNoise: number; verdict: string; reasons: readonly string[] }[];
}

interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** Every drift report of one version and grain, all pages. */
export async function driftReports(story: Story, version: string, grain: 'month' | 'year'): Promise<DriftReport[]> {
  const reports: DriftReport[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ version, grain, limit: '100', ...(cursor ? { cursor } : {}) });
    const page: Page<DriftReport> = await story.monitoring.get(`/v1/models/${names.model}/drift?${query}`);
    reports.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return reports;
}

/** A report is renewed when late rows change its window by more than a twentieth. */
const settledShare = 0.95;

/** Waits until monitoring has reported on the calendar year, late rows included. */
export async function yearReport(story: Story, version: string, year: number): Promise<DriftReport> {
  const sent = claimsBetween(story.claims, `${year}-01-01`, `${year + 1}-01-01`).length;
  return waitFor(`the drift report of ${year}`, async () =>
    (await driftReports(story, version, 'year')).find(
      (report) => report.window.from.startsWith(`${year}-`) && report.predictionCount >= sent * settledShare,
    ),
  );
}

/** The drift of one feature in a report. */
export function scoreOf(report: DriftReport, feature: string): DriftReport['features'][number] {
  const found = report.features.find((item) => item.feature === feature);
  if (!found) throw new Error(`the report of ${report.window.from} lacks ${feature}`);
  return found;
}
