import type { Reason, Situation } from './situation.js';

const number = new Intl.NumberFormat('en-GB');

/** One rule: why a run may not start now. Nothing when it has nothing against it. */
type Brake = (situation: Situation) => Reason | readonly Reason[] | undefined;

const freeze: Brake = ({ isLoopFrozen }) => (isLoopFrozen ? { code: 'frozen', text: 'the loop is frozen' } : undefined);

const oneAtATime: Brake = ({ activeRunId }) => (activeRunId ? { code: 'active', text: `run ${activeRunId} is already active` } : undefined);

const published: Brake = ({ unpublishedDatasets }) =>
  unpublishedDatasets.map((name) => ({ code: `no-dataset:${name}`, text: `dataset ${name} has no published version` }));

const load: Brake = ({ load }) =>
  load && load.activeRuns >= load.maxActiveRuns
    ? { code: 'busy', text: `${number.format(load.activeRuns)} runs wait or run already, ${number.format(load.maxActiveRuns)} may` }
    : undefined;

const cooldown: Brake = ({ lastRunAt, lastDeclinedAt, rules, now }) => {
  const coolMs = rules.cooldownMinutes * 60_000;
  const until = (time: Date | undefined) => (time ? time.getTime() + coolMs : 0);
  const [afterRun, afterDecline] = [until(lastRunAt), until(lastDeclinedAt)];
  const last = Math.max(afterRun, afterDecline);
  if (last <= now.getTime()) return undefined;
  const why = afterDecline > afterRun ? 'a proposal was declined: ' : '';
  return { code: 'cooldown', text: `${why}cooling down until ${new Date(last).toISOString()}` };
};

const budget: Brake = ({ rules, usedToday }) => {
  const { runsPerDay, computeMinutesPerDay } = rules.budget;
  const reasons: Reason[] = [];
  if (usedToday && runsPerDay !== undefined && usedToday.runs >= runsPerDay) {
    reasons.push({ code: 'budget-runs', text: `${usedToday.runs} runs today (UTC), the budget is ${runsPerDay}` });
  }
  if (usedToday && computeMinutesPerDay !== undefined && usedToday.computeMinutes >= computeMinutesPerDay) {
    const used = number.format(Math.round(usedToday.computeMinutes * 10) / 10);
    reasons.push({ code: 'budget-minutes', text: `${used} minutes computed today (UTC), the budget is ${computeMinutesPerDay}` });
  }
  return reasons;
};

const losses: Brake = ({ rules, lossesInARow = 0 }) =>
  rules.maxLossesInARow > 0 && lossesInARow >= rules.maxLossesInARow
    ? {
        code: 'losing',
        text: `the last ${lossesInARow} runs failed or did not beat the champion: change the pipeline, or run it by hand and win`,
      }
    : undefined;

// at least one where the cause is in the data: the same data would give the same model
const newRows: Brake = ({ cause, rules, newLabelledRows, newRows = newLabelledRows }) => {
  if (cause === 'dataset-published' && newRows < (rules.onNewData?.minNewRows ?? 1)) {
    const needed = number.format(rules.onNewData?.minNewRows ?? 1);
    return { code: 'few-rows', text: `${number.format(newRows)} new rows since the last training, ${needed} needed` };
  }
  const needed = cause === 'schedule' ? (rules.schedule?.minNewLabelledRows ?? 1) : Math.max(1, rules.minNewLabelledRows);
  if (newLabelledRows >= needed) return undefined;
  const text = `${number.format(newLabelledRows)} new labelled rows since the last training, ${number.format(needed)} needed`;
  return { code: 'few-rows', text };
};

/** What the pipeline does by itself when there is a cause of this kind. */
export function modeOf({
  cause,
  rules,
  hasSucceededRun,
}: Pick<Situation, 'cause' | 'rules' | 'hasSucceededRun'>): 'auto' | 'propose' | 'off' {
  if (cause === 'manual') return 'auto';
  if (cause === 'schedule') return rules.schedule?.mode ?? 'off';
  if (cause === 'drift-detected') return rules.onDrift;
  if (cause === 'performance-degraded') return rules.onPerformance ?? rules.onDrift;
  if (!hasSucceededRun && rules.onFirstDataset) return 'auto';
  return rules.onNewData?.mode ?? 'off';
}

const propose: Brake = (situation) =>
  modeOf(situation) === 'propose'
    ? { code: 'proposed', text: 'this pipeline only proposes: accept or decline the proposal, or request a run by hand' }
    : undefined;

// a person answers for a run by hand, and the first training needs no more than data
const always: readonly Brake[] = [freeze, oneAtATime, published];
const forFirst: readonly Brake[] = [load, losses, budget];
const forMachines: readonly Brake[] = [load, cooldown, budget, losses, newRows, propose];

/** What stops a run for now; the rules on the data come after these. */
export function findBrakes(situation: Situation): Reason[] {
  const { cause, hasSucceededRun, rules } = situation;
  const isFirst = cause === 'dataset-published' && !hasSucceededRun && rules.onFirstDataset;
  const more = cause === 'manual' ? [] : isFirst ? forFirst : forMachines;
  return [...always, ...more].flatMap((brake) => brake(situation) ?? []);
}
