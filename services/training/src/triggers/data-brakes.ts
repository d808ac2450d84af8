import type { DataFacts, LabelCounts, Reason, TriggerRules } from './situation.js';

type Rules = TriggerRules['dataChecks'];
type Brake = (facts: DataFacts, rules: Rules) => Reason | undefined;

/** Labels whose cases a model, a person or a complaint picked: what is not looked at is never learnt. */
export const selectedCases = ['model-decision', 'investigator', 'complaint'] as const;

const minLabels = 100;
/** Standard errors between two shares that chance does not explain, however often one looks. */
const minDeviations = 6;
const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0);
const round = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

const unchecked: Brake = ({ uncheckedBatches }) =>
  uncheckedBatches.length > 0
    ? { code: 'unchecked', text: `the checks of batch ${uncheckedBatches.join(', ')} are still under way` }
    : undefined;

const failedChecks: Brake = ({ recordCount, quarantinedCount }, { maxQuarantinedPercent }) => {
  const share = percent(quarantinedCount, recordCount);
  if (share <= maxQuarantinedPercent) return undefined;
  const text = `the new data failed their checks: ${round(share)} % of ${recordCount} records went to quarantine, ${maxQuarantinedPercent} % may`;
  return { code: 'failed-checks', text };
};

const repeated: Brake = ({ recordCount, duplicateCount }, { maxDuplicatePercent }) => {
  const share = percent(duplicateCount, recordCount);
  if (recordCount < minLabels || share <= maxDuplicatePercent) return undefined;
  const text = `the new data look poisoned: ${round(share)} % of ${recordCount} records repeat others, ${maxDuplicatePercent} % may`;
  return { code: 'poisoned:repeats', text };
};

/** Distance of two shares in standard errors of their difference. */
export function deviations(before: LabelCounts, since: LabelCounts): number {
  const pooled = (before.positiveCount + since.positiveCount) / (before.rowCount + since.rowCount);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / before.rowCount + 1 / since.rowCount));
  const shift = since.positiveCount / since.rowCount - before.positiveCount / before.rowCount;
  return error > 0 ? Math.abs(shift) / error : 0;
}

const labelShift: Brake = ({ labelsBefore, labelsSince, labelName = 'positive' }, { maxLabelShiftPercent }) => {
  if (!labelsBefore || !labelsSince || Math.min(labelsBefore.rowCount, labelsSince.rowCount) < minLabels) return undefined;
  const was = percent(labelsBefore.positiveCount, labelsBefore.rowCount);
  const is = percent(labelsSince.positiveCount, labelsSince.rowCount);
  if (Math.abs(is - was) <= maxLabelShiftPercent || deviations(labelsBefore, labelsSince) < minDeviations) return undefined;
  const text = `the new data look poisoned or mislabelled: ${round(is)} % of ${labelsSince.rowCount} new labels are ${labelName}, ${round(was)} % were before`;
  return { code: 'poisoned:labels', text };
};

const biased: Brake = ({ selections }, { maxSelectedPercent }) => {
  const total = Object.values(selections).reduce((sum, count) => sum + count, 0);
  const kinds = selectedCases.filter((kind) => (selections[kind] ?? 0) > 0);
  const selected = kinds.reduce((sum, kind) => sum + selections[kind]!, 0);
  if (total < minLabels || percent(selected, total) <= maxSelectedPercent) return undefined;
  const share = `${round(percent(selected, total))} % of ${total} labels since the last training`;
  return {
    code: 'biased-labels',
    text: `${share} are of cases picked by ${kinds.join(', ')}, ${maxSelectedPercent} % may be: a model would learn the picking`,
  };
};

const brakes: readonly Brake[] = [unchecked, failedChecks, repeated, labelShift, biased];

/** What speaks against learning from the new data. */
export function findDataBrakes(facts: DataFacts, rules: Rules): Reason[] {
  return brakes.flatMap((brake) => brake(facts, rules) ?? []);
}
