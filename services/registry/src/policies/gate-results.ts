import type { GateResult } from '@bascule/contracts';

/** A rule that is met, with what says so. */
export function met(gate: string, reason: string, margin?: number): GateResult {
  return { gate, outcome: 'pass', reasons: [reason], ...(margin === undefined ? {} : { margin }) };
}

/** A rule that is not met; missing evidence is one reason for that. */
export function notMet(gate: string, ...reasons: string[]): GateResult {
  return { gate, outcome: 'fail', reasons };
}

/** Whether a value keeps its bound; the margin is the room that is left, in its unit. A value that is missing keeps none. */
export function bounded(gate: string, what: string, value: number | undefined, limit: number, bound: 'at least' | 'at most'): GateResult {
  if (value === undefined || !Number.isFinite(value)) return notMet(gate, `${what} is missing, and ${bound} ${limit} is asked for`);
  const margin = bound === 'at least' ? value - limit : limit - value;
  const isMet = margin >= 0;
  return {
    gate,
    outcome: isMet ? 'pass' : 'fail',
    reasons: [`${what} is ${plain(value)}, ${isMet ? '' : 'not '}${bound} ${limit}`],
    margin: plain(margin),
  };
}

/** Without the noise of binary fractions: 0.84, not 0.8400000000000001. */
function plain(value: number): number {
  return Number(value.toPrecision(12));
}
