import { describe, expect, it } from 'vitest';
import type { EvidenceBody } from '../evidence/evidence.schema.js';
import { nameOfEvidence } from '../evidence/evidence.schema.js';
import { evidenceRules, type RecordedEvidence } from './evidence-rules.js';
import { promotionPolicy } from './policy.schema.js';
import { askPolicy, type PolicyEvidence } from './policy-rules.js';

const now = new Date('2026-06-02T00:00:00Z');
const recorded = (body: EvidenceBody, more: Partial<RecordedEvidence> = {}): RecordedEvidence => {
  const createdAt = new Date('2026-06-01T18:00:00Z');
  return { name: nameOfEvidence(body), origin: 'measured', recordedBy: 'training:p', body, createdAt, ...more };
};
const ask = (rules: object, ...evidence: RecordedEvidence[]) => evidenceRules(promotionPolicy.parse(rules), evidence);

const calibration = { kind: 'calibration', error: 0.02, rowCount: 500 } as const;
const gap = { kind: 'fairness', attribute: 'sex', metric: 'equalizedOddsDifference', difference: 0.08, rowCount: 500 } as const;
const load = {
  kind: 'load-test',
  offeredPerSecond: 200,
  answeredPerSecond: 199.5,
  rowsPerRequest: 1,
  seconds: 5,
  requestCount: 1000,
  failedCount: 0,
  p50Ms: 1,
  p95Ms: 3,
  p99Ms: 8,
  through: 'gateway',
  connections: 16,
} as const;
const card = { kind: 'document', name: 'model-card', url: 'https://example.org/card' } as const;
const every = {
  calibration: { maxError: 0.05 },
  fairness: [{ attribute: 'sex', metric: 'equalizedOddsDifference', maxDifference: 0.1 }],
  objective: { requestsPerSecond: 200, maxP99Ms: 10 },
  requiredDocuments: ['model-card'],
};
const all = [calibration, gap, load, card].map((body) => recorded(body));

describe('rules about evidence', () => {
  it('are met with evidence and margin, and every one is not met where its evidence is missing', () => {
    expect(ask({}, ...all)).toEqual([]);
    const results = ask(every, ...all);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(4).fill('pass'));
    const margins = Object.fromEntries(results.map(({ gate, margin }) => [gate, margin]));
    expect(margins).toMatchObject({ calibration: expect.closeTo(0.03), objective: 2 });
    expect(results.every(({ reasons }) => reasons.length > 0)).toBe(true);
    expect(ask(every).map(({ outcome }) => outcome)).toEqual(Array(4).fill('fail'));
  });

  it('count what somebody declared, and say so, unless provenance is asked for', () => {
    const declared = recorded(calibration, { origin: 'declared', recordedBy: 'sam' });
    expect(ask({ calibration: { maxError: 0.05 } }, declared)[0]).toMatchObject({
      outcome: 'pass',
      reasons: ['the calibration error over 500 rows, declared by sam, is 0.02, at most 0.05'],
    });
    expect(ask({ calibration: { maxError: 0.05 }, isProvenanceRequired: true }, declared)[0]?.outcome).toBe('fail');
  });

  it('want a load test that asked as much as was promised, lost nothing and kept up', () => {
    const { objective } = every;
    const outcome = (changed: object) => ask({ objective }, recorded({ ...load, ...changed }))[0];
    expect(outcome({})?.outcome).toBe('pass');
    expect(outcome({ offeredPerSecond: 100 })).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringContaining('none of its 1 load tests')],
    });
    expect(outcome({ rowsPerRequest: 8 })?.outcome).toBe('pass');
    expect(outcome({ through: undefined })).toMatchObject({ outcome: 'fail', reasons: [expect.stringContaining('of a gateway')] });
    const alone = { objective: { ...objective, through: 'model' } };
    expect(ask(alone, recorded({ ...load, through: 'model' }))[0]?.outcome).toBe('pass');
    expect(ask(alone, recorded(load))[0]?.outcome).toBe('pass');
    expect(outcome({ p99Ms: 10.01 })?.outcome).toBe('fail');
    expect(outcome({ failedCount: 1 })?.outcome).toBe('fail');
    expect(outcome({ answeredPerSecond: 190 })?.outcome).toBe('fail');
  });
});

describe('a load test at the gateways of an environment', () => {
  const policy = promotionPolicy.parse({ objective: every.objective });
  const outcome = (from: string | undefined, to: string, rules = policy) =>
    evidenceRules(rules, [recorded({ ...load, ...(from ? { environment: from } : {}) })], to)[0];

  it('counts for promotions to it, and for no other', () => {
    expect(outcome('production', 'production')?.outcome).toBe('pass');
    expect(outcome('staging', 'production')).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringContaining('what it showed at gateways of staging does not count for production')],
    });
  });

  it('counts for all where the model alone is asked for', () => {
    const alone = promotionPolicy.parse({ objective: { ...every.objective, through: 'model' } });
    expect(outcome('staging', 'production', alone)?.outcome).toBe('pass');
  });
});

describe('the comparison with the champion, row by row', () => {
  const rule = { pairedWithChampion: { metric: 'logLoss', tolerance: 0.01 } };
  const paired = { verdict: 'no-difference', metric: 'logLoss', difference: 0.001, interval: [-0.004, 0.006], rowCount: 800 } as const;
  const outcome = (changed: object | undefined, version = 3, rules: object = rule) => {
    const comparison = { version, metrics: {}, ...(changed ? { paired: { ...paired, ...changed } } : {}) };
    const known = { metrics: {}, tags: {}, declaredBy: null, datasetVersion: null, admission: null, recorded: [], data: undefined, now };
    return askPolicy(promotionPolicy.parse(rules), { ...known, comparison, champion: { version: 3 } } as PolicyEvidence)[0];
  };

  it('holds with confidence: the worst end of the interval is what counts', () => {
    expect(outcome({})).toMatchObject({ outcome: 'pass', margin: expect.closeTo(0.004) });
    expect(outcome({ interval: [-0.004, 0.0101] })?.outcome).toBe('fail');
    const higher = { pairedWithChampion: { metric: 'accuracy', tolerance: 0.01, isHigherBetter: true } };
    expect(outcome({ metric: 'accuracy', interval: [-0.02, 0.05] }, 3, higher)?.outcome).toBe('fail');
    expect(outcome({ metric: 'accuracy', interval: [-0.009, 0.05] }, 3, higher)?.outcome).toBe('pass');
  });

  it('is missing where it was made with another version, by another metric, on too few rows, or never', () => {
    expect(outcome({}, 2)?.outcome).toBe('fail');
    expect(outcome({ metric: 'brier' })?.outcome).toBe('fail');
    expect(outcome({ verdict: 'too-little-data' })?.outcome).toBe('fail');
    expect(outcome(undefined)?.outcome).toBe('fail');
  });
});
