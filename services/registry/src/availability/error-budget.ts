/** What gateways counted of one endpoint over a time. */
export interface MeasuredAvailability {
  readonly requestCount: number;
  readonly failedCount: number;
  /** When the first and the last of the counts were made; null when there is none. */
  readonly from: Date | null;
  readonly to: Date | null;
}

/**
 * Share of the error budget that is left: 1 when nothing failed, below 0 when more failed than the objective allows.
 * Undefined when nothing was counted: nobody knows then.
 */
export function budgetLeft({ requestCount, failedCount }: MeasuredAvailability, objective: number): number | undefined {
  if (requestCount === 0) return undefined;
  return Number((1 - failedCount / (requestCount * (1 - objective))).toFixed(6));
}
