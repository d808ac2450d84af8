/** Why somebody thinks of training. */
export type Cause = 'dataset-published' | 'drift-detected' | 'performance-degraded' | 'schedule' | 'manual';

/** One reason of a decision; the code tells two decisions apart, the text is for people. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

export interface TriggerRules {
  readonly onFirstDataset: boolean;
  readonly onDrift: 'auto' | 'propose' | 'off';
  readonly minNewLabelledRows: number;
  readonly cooldownMinutes: number;
}

/** Everything the decision rests on. */
export interface Situation {
  readonly cause: Cause;
  readonly rules: TriggerRules;
  readonly now: Date;
  readonly isLoopFrozen: boolean;
  readonly activeRunId?: string | undefined;
  /** When the last run of the pipeline was requested. */
  readonly lastRunAt?: Date | undefined;
  readonly hasSucceededRun: boolean;
  /** Datasets the pipeline reads that have no version yet. */
  readonly unpublishedDatasets: readonly string[];
  /** Labelled rows that the dataset version last trained on did not have. */
  readonly newLabelledRows: number;
  /** Features of the pipeline that drifted; empty for other causes. */
  readonly driftedFeatures: readonly string[];
  /** Those of them that are broken in the same window. */
  readonly brokenFeatures: readonly string[];
  /** The succeeded run whose data reach beyond the window the cause speaks of. */
  readonly answeredBy?: string | undefined;
}

export interface Decision {
  readonly outcome: 'run' | 'hold';
  readonly reasons: readonly Reason[];
  /** A held cause that is to be weighed again when something changes. */
  readonly isPending: boolean;
}

const number = new Intl.NumberFormat('en-GB');
const drop = (code: string, text: string): Decision => ({ outcome: 'hold', reasons: [{ code, text }], isPending: false });

/** Reasons that make the cause void whatever happens later. */
function findVoid(situation: Situation): Decision | undefined {
  const { cause, rules, driftedFeatures, brokenFeatures, answeredBy, hasSucceededRun } = situation;
  if (cause === 'dataset-published' && !rules.onFirstDataset)
    return drop('first-dataset-off', 'training on the first dataset version is off');
  if (cause === 'dataset-published' && hasSucceededRun)
    return drop('not-first', 'a run has already succeeded; new data alone is no reason');
  if (cause !== 'drift-detected' && cause !== 'performance-degraded') return undefined;
  if (rules.onDrift === 'off') return drop('drift-off', 'training on drift is off');
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

/** What stops a run for now. */
function findBrakes(situation: Situation): Reason[] {
  const { cause, rules, now, isLoopFrozen, activeRunId, lastRunAt, unpublishedDatasets, newLabelledRows } = situation;
  const brakes: Reason[] = [];
  if (isLoopFrozen) brakes.push({ code: 'frozen', text: 'the loop is frozen' });
  if (activeRunId) brakes.push({ code: 'active', text: `run ${activeRunId} is already active` });
  for (const name of unpublishedDatasets) brakes.push({ code: `no-dataset:${name}`, text: `dataset ${name} has no published version` });
  if (cause === 'manual' || cause === 'dataset-published') return brakes;
  const coolUntil = lastRunAt ? lastRunAt.getTime() + rules.cooldownMinutes * 60_000 : 0;
  if (coolUntil > now.getTime()) brakes.push({ code: 'cooldown', text: `cooling down until ${new Date(coolUntil).toISOString()}` });
  // at least one, whatever the rule says: the same data would give the same model
  const neededRows = Math.max(1, rules.minNewLabelledRows);
  if (newLabelledRows < neededRows) {
    const text = `${number.format(newLabelledRows)} new labelled rows since the last training, ${number.format(neededRows)} needed`;
    brakes.push({ code: 'few-rows', text });
  }
  if (cause !== 'schedule' && rules.onDrift === 'propose') {
    brakes.push({ code: 'proposed', text: 'this pipeline only proposes: request a run by hand' });
  }
  return brakes;
}

function describeCause({ cause, driftedFeatures, brokenFeatures, newLabelledRows }: Situation): Reason {
  const sound = driftedFeatures.filter((feature) => !brokenFeatures.includes(feature));
  const texts: Record<Cause, string> = {
    'dataset-published': 'the first dataset version was published',
    'drift-detected': `drift of ${sound.join(', ')}, with ${number.format(newLabelledRows)} new labelled rows`,
    'performance-degraded': `performance degraded, with ${number.format(newLabelledRows)} new labelled rows`,
    schedule: 'the schedule says so',
    manual: 'requested by hand',
  };
  return { code: cause, text: texts[cause] };
}

/** Weighs a reason to train against the brakes. */
export function decideTrigger(situation: Situation): Decision {
  const withoutCause = findVoid(situation);
  if (withoutCause) return withoutCause;
  const brakes = findBrakes(situation);
  if (brakes.length === 0) return { outcome: 'run', reasons: [describeCause(situation)], isPending: false };
  return { outcome: 'hold', reasons: brakes, isPending: situation.cause !== 'manual' };
}

/** The same decision in the same state has the same fingerprint and is recorded once. */
export function fingerprintOf(cause: Cause, decision: Decision, state: string): string {
  const codes = decision.reasons.map(({ code }) => code).sort();
  return [cause, decision.outcome, codes.join('+'), state].join('|');
}
