import type { GateResult, Metrics, ModelSignature } from '@bascule/contracts';
import { knownMetrics, metricFaults } from '../versions/metric-ranges.js';
import { metricsOrigin } from '../versions/metrics-origin.js';
import { signatureDifferences } from '../versions/signature.js';

/** Below this area under the ROC curve a model is close to guessing. */
export const aucFloor = 0.6;
/** How much worse than the champion still counts as equal: hold-outs of a few thousand rows cannot tell less apart. */
export const aucTolerance = 0.005;

/** Of a version that did not come from a run, which compares with the champion by itself. */
const waysToCompare =
  'a promotion policy of the model that says which metrics count (`metrics`) takes the place of this rule, and a training run here compares';

export interface GateEvidence {
  readonly metrics: Metrics;
  /** Who declared the metrics; null when a training run measured them. */
  readonly declaredBy: string | null;
  readonly signature: ModelSignature;
  /** Where the signature is not that of the graph; empty when it is. */
  readonly graphFaults: readonly string[];
  /** What verifying the stored bytes found; empty when they are as registered. */
  readonly artifactFaults: readonly string[];
  /** What checking its signature found; empty when it is good. */
  readonly signingFaults: readonly string[];
  /** The champion of the version's time on the same hold-out rows. */
  readonly comparison: { readonly version: number; readonly metrics: Metrics } | null;
  /** The version in the environment now. */
  readonly champion: { readonly version: number; readonly signature: ModelSignature } | undefined;
  /** What its last rollout in this environment did to it; absent when that was no harm. */
  readonly mark?: Mark | undefined;
}

/** Why a version is not tried again in an environment without an override. */
export interface Mark {
  readonly at: string;
  readonly cause: 'rolled-back' | 'refused-at-load';
  readonly reasons: readonly string[];
}

/**
 * Asks every gate; each answers with its reasons, also when it passes.
 * @param hasOwnMetricRules true when the policy of the model says which metrics count: then the rules for auc are not asked
 */
export function evaluateGates(evidence: GateEvidence, hasOwnMetricRules = false): GateResult[] {
  return [
    ...(hasOwnMetricRules ? [] : [metricsPresent(evidence), aucAboveFloor(evidence), notBelowChampion(evidence)]),
    signatureCompatible(evidence),
    artifactVerified(evidence),
    signatureVerified(evidence),
    notRolledBack(evidence),
  ];
}

export function allPass(gates: readonly GateResult[]): boolean {
  return gates.every(({ outcome }) => outcome === 'pass');
}

/** Reasons of the gates that failed, each with the gate's name. */
export function failures(gates: readonly GateResult[]): { path: string; message: string }[] {
  return gates
    .filter(({ outcome }) => outcome === 'fail')
    .flatMap(({ gate, reasons }) => reasons.map((message) => ({ path: gate, message })));
}

function metricsPresent({ metrics, declaredBy }: GateEvidence): GateResult {
  const gate = 'metrics-present';
  const faults = metricFaults(metrics).map(({ message }) => message);
  if (faults.length > 0) return result(gate, false, ...faults);
  const origin = metricsOrigin(declaredBy);
  const auc = metrics['auc'];
  if (auc !== undefined) return result(gate, true, `auc is ${auc}, ${origin}`);
  const others = knownMetrics(metrics, ['auc']).map(([name, value]) => `${name} ${value}`);
  const found =
    others.length > 0 ? `there is ${others.join(', ')}, ${origin}, which no gate can weigh` : 'nothing says how good the version is';
  return result(gate, false, `auc is missing: ${found}; to ask all the same, send an override with its reason for the approvers`);
}

function aucAboveFloor({ metrics, declaredBy }: GateEvidence): GateResult {
  const auc = aucOf(metrics);
  if (Number.isNaN(auc)) return result('auc-floor', false, `auc is missing or no auc, and at least ${aucFloor} is asked for`);
  const isAbove = auc >= aucFloor;
  const origin = declaredBy === null ? '' : `, ${metricsOrigin(declaredBy)},`;
  return {
    ...result('auc-floor', isAbove, `auc ${shown(auc)}${origin} is ${isAbove ? 'at least' : 'not at least'} ${aucFloor}`),
    margin: auc - aucFloor,
  };
}

function notBelowChampion({ metrics, declaredBy, comparison, champion }: GateEvidence): GateResult {
  const gate = 'not-below-champion';
  if (!champion) return result(gate, true, 'there is no champion yet');
  if (!comparison) {
    const why = declaredBy === null ? '' : `: its metrics are ${metricsOrigin(declaredBy)}`;
    const never = `the version was never compared with champion ${champion.version} on the same rows${why}`;
    return result(gate, false, `${never}; ${waysToCompare}`);
  }
  if (comparison.version !== champion.version) {
    return result(
      gate,
      false,
      `the version was compared with version ${comparison.version}, but the champion is version ${champion.version}`,
    );
  }
  const best = comparison.metrics['auc'];
  if (best === undefined) return result(gate, false, `champion ${champion.version} has no auc on the same rows`);
  const auc = aucOf(metrics);
  const isEqual = auc >= best - aucTolerance;
  const relation = isEqual ? 'is not below' : 'is below';
  const reason = `auc ${shown(auc)} ${relation} champion ${champion.version}: ${shown(best)} on the same rows, tolerance ${aucTolerance}`;
  return { ...result(gate, isEqual, reason), ...(Number.isNaN(auc) ? {} : { margin: auc - (best - aucTolerance) }) };
}

function signatureCompatible({ signature, graphFaults, champion }: GateEvidence): GateResult {
  const gate = 'signature-compatible';
  if (graphFaults.length > 0) return result(gate, false, ...graphFaults);
  if (!champion) return result(gate, true, 'there is no champion yet');
  const differences = signatureDifferences(signature, champion.signature);
  return differences.length === 0
    ? result(gate, true, `clients of champion ${champion.version} need not change`)
    : result(gate, false, ...differences);
}

function artifactVerified({ artifactFaults }: GateEvidence): GateResult {
  return artifactFaults.length === 0
    ? result('artifact-verified', true, 'the stored bytes match the registered digest')
    : result('artifact-verified', false, ...artifactFaults);
}

function signatureVerified({ signingFaults }: GateEvidence): GateResult {
  return signingFaults.length === 0
    ? result('signature-verified', true, 'a trusted key signed these bytes')
    : result('signature-verified', false, ...signingFaults);
}

function notRolledBack({ mark }: GateEvidence): GateResult {
  const gate = 'not-rolled-back';
  if (!mark) return result(gate, true, 'it was neither rolled back nor refused at load in this environment');
  const why = mark.reasons.length > 0 ? `: ${mark.reasons.join('; ')}` : '';
  const what = mark.cause === 'rolled-back' ? 'it was rolled back' : 'a gateway refused to load it';
  return result(gate, false, `${what} on ${mark.at}${why}`);
}

function result(gate: string, isPassed: boolean, ...reasons: string[]): GateResult {
  return { gate, outcome: isPassed ? 'pass' : 'fail', reasons };
}

// a value no auc can have counts as none
function aucOf(metrics: Metrics): number {
  const auc = metrics['auc'] ?? Number.NaN;
  return auc >= 0 && auc <= 1 ? auc : Number.NaN;
}

function shown(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'missing';
}
