import { toTimeWindow, windowAt } from '../windows/window.js';

export interface DriftRow {
  report_id: string;
  model_version: number;
  grain: 'month' | 'year';
  window_from: Date;
  window_to: Date;
  prediction_count: number;
  evaluated_at: Date;
  features:
    | {
        feature: string;
        verdict: string;
        method: string;
        score: number;
        expected_noise: number;
        threshold: number;
        current_count: number;
        reference_count: number;
        reasons: string[];
      }[]
    | null;
}

export const driftViewOf = (row: DriftRow) => ({
  reportId: row.report_id,
  version: row.model_version,
  grain: row.grain,
  window: toTimeWindow({ from: row.window_from, to: row.window_to }),
  predictionCount: row.prediction_count,
  evaluatedAt: row.evaluated_at,
  verdict: row.features?.some(({ verdict }) => verdict === 'drifted') ? 'drifted' : 'stable',
  features: (row.features ?? []).map((feature) => ({
    feature: feature.feature,
    verdict: feature.verdict,
    method: feature.method,
    score: feature.score,
    expectedNoise: feature.expected_noise,
    threshold: feature.threshold,
    currentCount: feature.current_count,
    referenceCount: feature.reference_count,
    reasons: feature.reasons,
  })),
});

export interface BrokenRow {
  report_id: string;
  model_version: number;
  month: string;
  feature: string;
  fault: string;
  factor: number | null;
  reasons: string[];
  prediction_count: number;
  detected_at: Date;
}

export const brokenViewOf = (row: BrokenRow) => ({
  reportId: row.report_id,
  version: row.model_version,
  window: toTimeWindow(windowAt('month', new Date(`${row.month}T00:00:00Z`))),
  feature: row.feature,
  fault: row.fault,
  factor: row.factor,
  reasons: row.reasons,
  predictionCount: row.prediction_count,
  detectedAt: row.detected_at,
});
