import { findBrakes, modeOf } from './brakes.js';
import { findDataBrakes } from './data-brakes.js';
import type { Cause, Reason, Situation } from './situation.js';

export interface Decision {
  readonly outcome: 'run' | 'hold';
  readonly reasons: readonly Reason[];
  /** A held cause that is to be weighed again when something changes. */
  readonly isPending: boolean;
  /** Nothing but the policy holds it, and a person may let it go: what the run would be for. */
  readonly proposal?: Reason;
}

const number = new Intl.NumberFormat('en-GB');
const drop = (code: string, text: string): Decision => ({ outcome: 'hold', reasons: [{ code, text }], isPending: false });

/** Reasons that make the cause void whatever happens later. */
function findVoid(situation: Situation): Decision | undefined {
  const { cause, rules, driftedFeatures, brokenFeatures, answeredBy, hasSucceededRun } = situation;
  if (modeOf(situation) === 'off') {
    if (cause === 'dataset-published' && hasSucceededRun)
      return drop('not-first', 'a run has already succeeded; new data alone is no reason');
    if (cause === 'dataset-published') return drop('first-dataset-off', 'training on the first dataset version is off');
    if (cause === 'performance-degraded') return drop('performance-off', 'training on degraded performance is off');
    if (cause === 'schedule') return drop('schedule-off', 'the pipeline has no schedule any more');
    return drop('drift-off', 'training on drift is off');
  }
  if (cause === 'dataset-published' && hasSucceededRun && rules.onNewData === undefined)
    return drop('not-first', 'new data alone is no reason');
  if (cause !== 'drift-detected' && cause !== 'performance-degraded') return undefined;
  if (answeredBy) return drop('answered', `run ${answeredBy} was already trained on data of that time`);
  if (cause === 'performance-degraded') return undefined;
  if (driftedFeatures.length === 0) return drop('other-features', 'none of the drifted features is used by this pipeline');
  if (driftedFeatures.every((feature) => brokenFeatures.includes(feature))) {
    return { outcome: 'hold', reasons: brokenFeatures.map(brokenReason), isPending: false };
  }
  return undefined;
}

/** Said of a feature that a fault changed: there is nothing to learn from it. */
export function brokenReason(feature: string): Reason {
  return {
    code: `broken:${feature}`,
    text: `feature ${feature} is broken: its rows are left out, and training on them would learn the fault`,
  };
}

function describeCause({
  cause,
  driftedFeatures,
  brokenFeatures,
  newLabelledRows,
  newRows,
  nominalAt,
  hasSucceededRun,
}: Situation): Reason {
  const sound = driftedFeatures.filter((feature) => !brokenFeatures.includes(feature));
  const texts: Record<Cause, string> = {
    'dataset-published': hasSucceededRun
      ? `${number.format(newRows ?? newLabelledRows)} new rows since the last training`
      : 'the first dataset version was published',
    'drift-detected': `drift of ${sound.join(', ')}, with ${number.format(newLabelledRows)} new labelled rows`,
    'performance-degraded': `performance degraded, with ${number.format(newLabelledRows)} new labelled rows`,
    schedule: nominalAt ? `the schedule says so: ${nominalAt.toISOString()}` : 'the schedule says so',
    manual: 'requested by hand',
  };
  return { code: cause, text: texts[cause] };
}

/** A time that a brake held is made up for as the schedule says; too few rows are an answer to it, not a delay. */
function isPending({ cause, rules }: Situation, reasons: readonly Reason[]): boolean {
  if (cause === 'manual') return false;
  if (cause !== 'schedule') return true;
  const isProposal = reasons.length === 1 && reasons[0]!.code === 'proposed';
  return (isProposal || rules.schedule?.catchUp !== 'skip') && !reasons.some(({ code }) => code === 'few-rows');
}

/** Weighs a reason to train against the brakes. */
export function decideTrigger(situation: Situation): Decision {
  const withoutCause = findVoid(situation);
  if (withoutCause) return withoutCause;
  const { data, rules } = situation;
  const brakes = [...findBrakes(situation), ...(data ? findDataBrakes(data, rules.dataChecks) : [])];
  const cause = describeCause(situation);
  if (brakes.length === 0) return { outcome: 'run', reasons: [cause], isPending: false };
  const isProposal = brakes.length === 1 && brakes[0]!.code === 'proposed';
  if (!isProposal) return { outcome: 'hold', reasons: brakes, isPending: isPending(situation, brakes) };
  const reasons = brakes.map(({ code, text }) => ({ code, text: `${text} (${cause.text})` }));
  return { outcome: 'hold', reasons, isPending: isPending(situation, brakes), proposal: cause };
}

/** True when only a look at the new data is left to decide. */
export function needsData({ outcome, proposal }: Decision, { cause }: Situation): boolean {
  return cause !== 'manual' && (outcome === 'run' || proposal !== undefined);
}

/** The same decision in the same state has the same fingerprint and is recorded once. */
export function fingerprintOf(cause: Cause, decision: Decision, state: string): string {
  const codes = decision.reasons.map(({ code }) => code).sort();
  return [cause, decision.outcome, codes.join('+'), state].join('|');
}
