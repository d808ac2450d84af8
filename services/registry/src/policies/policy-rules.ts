import type { GateResult, Metrics, PairedComparison, Tags } from '@bascule/contracts';
import type { Admission } from '../admission/admission.js';
import type { MeasuredAvailability } from '../availability/error-budget.js';
import { type DataEvidence, dataRules } from '../data-verdicts/data-rules.js';
import { availabilityRule } from './availability-rule.js';
import { evidenceRules, type RecordedEvidence } from './evidence-rules.js';
import { bounded, met, notMet } from './gate-results.js';
import type { PromotionPolicy } from './policy.schema.js';

/** What the rules of a policy look at. */
export interface PolicyEvidence {
  readonly metrics: Metrics;
  /** Who declared the metrics; null when a training run measured them. */
  readonly declaredBy: string | null;
  readonly datasetVersion: string | null;
  /** What checking the signed statement of what it was made from found; empty when it is good. Undefined when nobody looked. */
  readonly provenanceFaults: readonly string[] | undefined;
  readonly admission: Admission | null;
  readonly tags: Tags;
  readonly comparison: { readonly version: number; readonly metrics: Metrics; readonly paired?: PairedComparison } | null;
  readonly champion: { readonly version: number } | undefined;
  readonly recorded: readonly RecordedEvidence[];
  /** To which it is to be promoted; undefined where evidence of any counts. */
  readonly environment?: string | undefined;
  readonly data: DataEvidence | undefined;
  /** Of the endpoint it is to come up at; undefined when nobody looked. */
  readonly availability?: MeasuredAvailability | undefined;
  /** A former champion comes back. */
  readonly isGoingBack?: boolean;
  readonly now: Date;
}

/** Asks every rule of the policy; what is missing is not met. Each answers with its evidence and how much room is left. */
export function askPolicy(policy: PromotionPolicy, evidence: PolicyEvidence): GateResult[] {
  return [
    ...metricRules(policy, evidence),
    ...pairedRule(policy, evidence),
    ...evidenceRules(policy, evidence.recorded, evidence.environment),
    ...availabilityRule(policy, evidence),
    ...dataRules(policy, evidence.data),
    ...probeRules(policy, evidence),
    ...provenanceRules(policy, evidence),
    ...tagRules(policy, evidence),
  ];
}

/** Why promotions wait at that moment; undefined when they need not. */
export function frozenBy({ freezeWindows }: PromotionPolicy, now: Date): string | undefined {
  const at = now.getTime();
  const window = freezeWindows.find(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to));
  return window && `no promotions until ${window.to}: ${window.reason}`;
}

function metricRules({ metrics: asked }: PromotionPolicy, { metrics, comparison, champion }: PolicyEvidence): GateResult[] {
  if (!asked) return [];
  const floors = sorted(asked.floors).map(([name, floor]) => bounded(`metric:${name}`, name, metrics[name], floor, 'at least'));
  const ceilings = sorted(asked.ceilings).map(([name, ceiling]) => bounded(`metric:${name}`, name, metrics[name], ceiling, 'at most'));
  const rule = asked.notWorseThanChampion;
  if (!rule) return [...floors, ...ceilings];
  const gate = 'not-below-champion';
  if (!champion) return [...floors, ...ceilings, { gate, outcome: 'pass', reasons: ['there is no champion yet'] }];
  const best = comparison?.version === champion.version ? comparison.metrics[rule.metric] : undefined;
  const own = metrics[rule.metric];
  if (best === undefined || own === undefined) {
    const reasons = [`${rule.metric} of the version and of champion ${champion.version} on the same rows is missing`];
    return [...floors, ...ceilings, { gate, outcome: 'fail', reasons }];
  }
  const limit = rule.isHigherBetter ? best - rule.tolerance : best + rule.tolerance;
  const what = `${rule.metric} on the same rows as champion ${champion.version} (${best})`;
  return [...floors, ...ceilings, bounded(gate, what, own, limit, rule.isHigherBetter ? 'at least' : 'at most')];
}

function pairedRule({ pairedWithChampion: rule }: PromotionPolicy, { comparison, champion }: PolicyEvidence): GateResult[] {
  if (!rule) return [];
  const gate = 'paired-with-champion';
  if (!champion) return [met(gate, 'there is no champion yet')];
  const { metric, tolerance, isHigherBetter } = rule;
  const paired = comparison?.version === champion.version ? comparison.paired : undefined;
  if (!paired || paired.metric !== metric || paired.verdict === 'too-little-data') {
    const why = paired
      ? paired.metric === metric
        ? `${paired.rowCount} rows are too few`
        : `it was compared by ${paired.metric}`
      : 'it is missing';
    return [notMet(gate, `the comparison with champion ${champion.version}, row by row, by ${metric} is asked for: ${why}`)];
  }
  const [low, high] = paired.interval;
  const worst = isHigherBetter ? -low : high;
  const margin = tolerance - worst;
  const what = `${metric} less that of champion ${champion.version} on the same ${paired.rowCount} rows is ${paired.difference} (95 %: ${low} to ${high})`;
  const isMet = margin >= 0;
  return [
    {
      gate,
      outcome: isMet ? 'pass' : 'fail',
      reasons: [`${what}, ${isMet ? 'within' : 'not surely within'} the tolerance ${tolerance}`],
      margin,
    },
  ];
}

// the database gives the names in an order of its own
function sorted(limits: Metrics): [string, number][] {
  return Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1));
}

function probeRules({ probe }: PromotionPolicy, { admission }: PolicyEvidence): GateResult[] {
  if (!probe) return [];
  const measured = admission?.batches.find(({ rows }) => rows === probe.rows);
  const at = `for ${probe.rows} ${probe.rows === 1 ? 'row' : 'rows'}, by the probe,`;
  return [
    ...(probe.maxP95Ms === undefined ? [] : [bounded('latency', `95 % of runs ${at} in ms`, measured?.p95Ms, probe.maxP95Ms, 'at most')]),
    ...(probe.maxResidentBytes === undefined
      ? []
      : [bounded('memory', `resident bytes ${at}`, measured?.residentBytes, probe.maxResidentBytes, 'at most')]),
  ];
}

function provenanceRules(
  { isProvenanceRequired }: PromotionPolicy,
  { declaredBy, datasetVersion, provenanceFaults }: PolicyEvidence,
): GateResult[] {
  if (!isProvenanceRequired) return [];
  const reasons = [
    ...(declaredBy === null ? [] : [`the metrics were declared by ${declaredBy}, not measured here`]),
    ...(datasetVersion === null ? ['the data it was trained on is not known'] : []),
    ...(provenanceFaults ?? ['nobody checked what it was made from']),
  ];
  if (reasons.length > 0) return [{ gate: 'provenance', outcome: 'fail', reasons }];
  return [
    { gate: 'provenance', outcome: 'pass', reasons: [`measured here, trained on dataset version ${datasetVersion}, as the run signed`] },
  ];
}

function tagRules({ requiredTags }: PromotionPolicy, { tags }: PolicyEvidence): GateResult[] {
  return requiredTags.map((name) => {
    const value = Object.hasOwn(tags, name) ? tags[name] : undefined;
    return {
      gate: `tag:${name}`,
      outcome: value ? 'pass' : 'fail',
      reasons: [value ? `${name} is ${value}` : `the tag ${name} is missing`],
    };
  });
}
