/** What the training service answers, as far as this page uses it. */
export interface Listed<T> {
  items: T[];
  nextCursor?: string | null;
}
export interface Comparison {
  verdict: 'better' | 'worse' | 'no-difference' | 'too-little-data';
  metric: string;
  difference: number;
  interval: [number, number];
  rowCount: number;
}
export interface Run {
  runId: string;
  pipelineName: string;
  pipelineVersion: number | null;
  modelName: string;
  datasetName: string;
  datasetVersion: string;
  status: string;
  attempt: number;
  failures: number;
  requestedBy: string;
  triggerId: string | null;
  reason: string | null;
  note: string | null;
  tags: Record<string, string>;
  computeSeconds: number;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  recipe: { trainer: string; search?: { metric: string } };
  progress?: { step?: string; percent?: number; secondsLeft?: number } | null;
  result: {
    metrics: Record<string, number>;
    params?: Record<string, unknown>;
    /** The program that trained, where it was no trainer of ours. */
    program?: { name: string; digest: string; version?: string };
    artifactDigest: string;
    reportDigest?: string;
    champion?: { version: number; metrics: Record<string, number>; comparison?: Comparison };
    trainedOn: Period;
    evaluatedOn: Period;
  } | null;
}
export interface Period {
  from: string;
  to: string;
  rowCount: number;
}
export interface Decision {
  triggerId: string;
  pipelineName: string;
  cause: string;
  outcome: 'run' | 'hold';
  reasons: string[];
  runId: string | null;
  decidedAt: string;
}
export interface Proposal {
  proposalId: string;
  pipelineName: string;
  cause: string;
  reasons: string[];
  openedAt: string;
}
export interface Step {
  name: string;
  needs: string[];
  status: 'waiting' | 'started' | 'done' | 'reused' | 'skipped';
  reusedFrom: string | null;
  startedAt: string | null;
  finishedAt: string | null;
}
export interface Trial {
  number: number;
  round: number;
  rows: number;
  params: Record<string, unknown>;
  value: number | null;
  reason: string | null;
  seconds: number;
}
export interface Series {
  name: string;
  points: { step: number; value: number }[];
}
export interface ComparedRow {
  kind: string;
  name: string;
  values: unknown[];
  isSame: boolean;
}
/** The evaluation report of a model, as far as it is drawn. */
export interface Evaluation {
  classes: string[];
  measures: { name: string; value: number; interval: [number, number] | null }[];
  confusion: number[][] | null;
  curves: { roc: [number, number][]; precisionRecall: [number, number][] } | null;
  reliability: { meanScore: number; positiveShare: number; rowCount: number; interval: [number, number] }[];
  importance: { feature: string; loss: number; interval: [number, number] }[];
  slices: { column: string; value: string; rowCount: number; measures: { name: string; value: number }[] }[];
  fairness: {
    column: string;
    class?: string;
    groups: {
      value: string;
      rowCount: number;
      baseRate: number;
      selectionRate: number;
      truePositiveRate: number | null;
      falsePositiveRate: number | null;
    }[];
    demographicParityDifference: number | null;
    equalizedOddsDifference: number | null;
    leftOut: string[];
  }[];
  errorFairness?: {
    column: string;
    groups: { value: string; rowCount: number; meanLabel: number; meanError: number; mae: number; rmse: number }[];
    meanErrorDifference: number | null;
    maeDifference: number | null;
    leftOut: string[];
  }[];
}

export const training = (path: string): string => `/api/training/v1/${path}`;
