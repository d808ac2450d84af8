import { logGamma } from './normal.js';

/** Of alpha, what is spent by the time the planned evidence is there; the rest is for what comes after. */
const plannedPart = 0.8;

/**
 * Looks at growing evidence that may be taken without failing more often than alpha in all: at 1/128, 1/64, ... 1/2 and all of
 * the planned evidence, then at each doubling. Each look spends its own part of alpha, and the parts add up to alpha, so that
 * no assumption about how the looks depend on one another is needed.
 */
export function lookNumber(evidence: number, planned: number): number {
  const doublings = Math.floor(Math.log2(evidence / planned) + 1e-9);
  return evidence > 0 ? Math.max(0, doublings + earlyLooks + 1) : 0;
}

const earlyLooks = 7;

/** The part of alpha that a look may spend; look 8 is the one at the planned evidence. */
export function alphaOfLook(look: number, alpha: number): number {
  if (look < 1) return 0;
  const planned = earlyLooks + 1;
  if (look > planned) return ((1 - plannedPart) * alpha * 6) / (Math.PI * (look - planned)) ** 2;
  const spent = (at: number) => (at < 1 ? 0 : 4 ** (at - planned));
  return plannedPart * alpha * (spent(look) - spent(look - 1));
}

/** A difference of means with what it was measured on. */
export interface Uplift {
  readonly estimate: number;
  /** Squared standard error of the estimate. */
  readonly variance: number;
}

/**
 * A confidence interval that holds at every look together (mixture sequential ratio test with a normal prior on the uplift):
 * looking often does not make it wrong more often than alpha. For samples large enough that means are normal.
 * @param scale the uplift the interval is to be narrowest for
 */
export function alwaysValidInterval({ estimate, variance }: Uplift, scale: number, alpha: number): { low: number; high: number } {
  if (!(variance > 0) || !Number.isFinite(variance)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const prior = scale * scale;
  const reach = Math.sqrt(((variance * (variance + prior)) / prior) * (Math.log((variance + prior) / variance) - 2 * Math.log(alpha)));
  return { low: estimate - reach, high: estimate + reach };
}

/** One-sided: the chance of so many or more successes, if each trial succeeds with this probability. */
export function binomialTail(successes: number, trials: number, probability: number): number {
  if (successes <= 0) return 1;
  if (successes > trials || probability <= 0) return 0;
  if (probability >= 1) return 1;
  const logOdds = Math.log(probability) - Math.log1p(-probability);
  let log =
    logGamma(trials + 1) -
    logGamma(successes + 1) -
    logGamma(trials - successes + 1) +
    trials * Math.log1p(-probability) +
    successes * logOdds;
  let tail = 0;
  for (let x = successes; x <= trials; x++) {
    const one = Math.exp(log);
    tail += one;
    // past the middle the terms only fall
    if (x > trials * probability && one < tail * 1e-17) break;
    log += Math.log(trials - x) - Math.log(x + 1) + logOdds;
  }
  return Math.min(1, tail);
}
