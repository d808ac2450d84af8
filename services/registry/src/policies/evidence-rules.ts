import type { GateResult } from '@bascule/contracts';
import type { EvidenceBody, LoadTestEvidence } from '../evidence/evidence.schema.js';
import { bounded, notMet } from './gate-results.js';
import type { PromotionPolicy } from './policy.schema.js';

/** A piece of evidence as the rules read it; the newest come first. */
export interface RecordedEvidence {
  readonly name: string;
  readonly origin: 'measured' | 'declared';
  readonly recordedBy: string;
  readonly body: EvidenceBody;
  readonly createdAt: Date;
}

/**
 * Asks the rules about evidence that stands beside the metrics. Declared evidence does not count where provenance is asked for, nor a
 * load test at the gateways of another environment than the one of the promotion.
 */
export function evidenceRules(policy: PromotionPolicy, recorded: readonly RecordedEvidence[], environment?: string): GateResult[] {
  const trusted = policy.isProvenanceRequired ? recorded.filter(({ origin }) => origin === 'measured') : recorded;
  return [
    ...calibrationRule(policy, trusted),
    ...fairnessRules(policy, trusted),
    ...objectiveRule(policy, trusted, environment),
    ...policy.requiredDocuments.map((name) => documentRule(name, recorded)),
  ];
}

function calibrationRule({ calibration }: PromotionPolicy, recorded: readonly RecordedEvidence[]): GateResult[] {
  if (!calibration) return [];
  const found = newest(recorded, 'calibration');
  const what = `the calibration error${found ? ` over ${found.body.rowCount} rows, ${originOf(found)},` : ''}`;
  return [bounded('calibration', what, found?.body.error, calibration.maxError, 'at most')];
}

function fairnessRules({ fairness }: PromotionPolicy, recorded: readonly RecordedEvidence[]): GateResult[] {
  return fairness.map(({ attribute, metric, maxDifference }) => {
    const name = `${attribute}/${metric}`;
    const found = newest(recorded, 'fairness', name);
    const what = `${metric} between the groups of ${attribute}${found ? `, over ${found.body.rowCount} rows, ${originOf(found)},` : ''}`;
    return bounded(`fairness:${name}`, what, found?.body.difference, maxDifference, 'at most');
  });
}

function objectiveRule({ objective }: PromotionPolicy, recorded: readonly RecordedEvidence[], environment?: string): GateResult[] {
  if (!objective) return [];
  const { requestsPerSecond, rowsPerRequest, maxP99Ms, through } = objective;
  const asked = `${requestsPerSecond} requests of ${rowsPerRequest} ${rowsPerRequest === 1 ? 'row' : 'rows'} per second`;
  const fits = ({ offeredPerSecond, rowsPerRequest: rows, ...test }: LoadTestEvidence) =>
    offeredPerSecond >= requestsPerSecond && rows >= rowsPerRequest && (through === 'model' || test.through === 'gateway');
  const tests = recorded.filter((one): one is Recorded<'load-test'> => one.body.kind === 'load-test');
  const isElsewhere = (test: LoadTestEvidence) =>
    through === 'gateway' && environment !== undefined && test.environment !== undefined && test.environment !== environment;
  const found = tests.find(({ body }) => fits(body) && !isElsewhere(body));
  const elsewhere = tests.find(({ body }) => fits(body))?.body.environment;
  if (!found) {
    const why =
      tests.length === 0
        ? 'it was never tested under load'
        : elsewhere !== undefined
          ? `what it showed at gateways of ${elsewhere} does not count for ${environment}`
          : `none of its ${tests.length} load tests asked that much${through === 'gateway' ? ' of a gateway' : ''}`;
    return [notMet('objective', `the objective is ${asked} within ${maxP99Ms} ms: ${why}`)];
  }
  const { answeredPerSecond, failedCount, requestCount, p99Ms } = found.body;
  const gate = bounded('objective', `99 % of ${asked}, ${placeOf(found.body)}, ${originOf(found)}, in ms`, p99Ms, maxP99Ms, 'at most');
  const lost = failedCount > 0 ? [`${failedCount} of ${requestCount} requests were not answered`] : [];
  // the last requests are answered after the last one came: a hundredth is no shortage
  const slow = answeredPerSecond < requestsPerSecond * 0.99 ? [`only ${answeredPerSecond} per second were answered`] : [];
  return lost.length + slow.length > 0 ? [notMet('objective', ...gate.reasons, ...lost, ...slow)] : [gate];
}

function documentRule(name: string, recorded: readonly RecordedEvidence[]): GateResult {
  const gate = `document:${name}`;
  const found = newest(recorded, 'document', name);
  if (!found) return notMet(gate, `the document ${name} is missing`);
  const { digest, url } = found.body;
  return { gate, outcome: 'pass', reasons: [`${name} is ${url ?? `artifact ${digest}`}, ${originOf(found)}`] };
}

type Recorded<Kind extends EvidenceBody['kind']> = RecordedEvidence & { readonly body: Extract<EvidenceBody, { kind: Kind }> };

function newest<Kind extends EvidenceBody['kind']>(
  recorded: readonly RecordedEvidence[],
  kind: Kind,
  name = '',
): Recorded<Kind> | undefined {
  return recorded.find((one): one is Recorded<Kind> => one.body.kind === kind && one.name === name);
}

function placeOf({ through, connections, environment }: LoadTestEvidence): string {
  if (through !== 'gateway') return 'of the model alone';
  return `through a gateway${environment ? ` of ${environment}` : ''}${connections ? ` from ${connections} clients at once` : ''}`;
}

function originOf({ origin, recordedBy }: RecordedEvidence): string {
  return origin === 'measured' ? 'measured here' : `declared by ${recordedBy}`;
}
