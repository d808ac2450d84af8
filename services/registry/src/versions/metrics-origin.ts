/** Who declared the metrics of a version; null when a training run measured them. */
export function metricsDeclaredBy({ runId, registeredBy }: { runId: string | null; registeredBy: string }): string | null {
  return runId === null ? registeredBy : null;
}

/** Where metrics come from, for people who decide by them. */
export function metricsOrigin(declaredBy: string | null): string {
  return declaredBy === null ? 'measured here on a hold-out' : `declared by ${declaredBy}, not measured here`;
}
