import type { GateResult } from '@bascule/contracts';
import { budgetLeft, type MeasuredAvailability } from '../availability/error-budget.js';
import { bounded, met, notMet } from './gate-results.js';
import type { PromotionPolicy } from './policy.schema.js';

export interface AvailabilityEvidence {
  /** Undefined when nobody counted. */
  readonly availability?: MeasuredAvailability | undefined;
  /** A former champion comes back. */
  readonly isGoingBack?: boolean;
  readonly now: Date;
}

/**
 * Whether enough of the error budget of the endpoint is left, by what gateways counted; what somebody declares does not count.
 * It keeps no former champion from coming back: what is spent was spent by the version that it takes away.
 */
export function availabilityRule(
  { availability }: PromotionPolicy,
  { availability: measured, isGoingBack, now }: AvailabilityEvidence,
): GateResult[] {
  if (!availability) return [];
  const gate = 'availability-budget';
  if (isGoingBack) return [met(gate, 'a former champion comes back, which costs none of the error budget')];
  const { minBudgetLeft, maxAgeHours, objective, windowDays } = availability;
  const left = measured && budgetLeft(measured, objective);
  if (!measured?.to || left === undefined) {
    return [
      notMet(gate, `gateways counted no request in ${windowDays} days, and an error budget of at least ${minBudgetLeft} is asked for`),
    ];
  }
  const ageHours = (now.getTime() - measured.to.getTime()) / 3_600_000;
  if (ageHours > maxAgeHours) {
    return [notMet(gate, `what gateways counted last is ${ageHours.toFixed(1)} hours old, and at most ${maxAgeHours} are asked for`)];
  }
  const { failedCount, requestCount } = measured;
  const counted = `${failedCount} of ${requestCount} requests failed in ${windowDays} days, as gateways counted until ${measured.to.toISOString()}`;
  return [bounded(gate, `the error budget left of the objective ${objective} (${counted})`, left, minBudgetLeft, 'at least')];
}
