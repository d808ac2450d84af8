import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { approvalsFor, type PromotionPolicy, policyBody, promotionPolicy } from './policy.schema.js';
import { askPolicy, frozenBy, type PolicyEvidence } from './policy-rules.js';

const policy = (rules: object): PromotionPolicy => promotionPolicy.parse(rules);
const evidence: PolicyEvidence = {
  metrics: { accuracy: 0.9, logLoss: 0.3 },
  declaredBy: null,
  datasetVersion: 'd'.repeat(64),
  provenanceFaults: [],
  admission: {
    file: { irVersion: 8, opsets: {}, operators: [], producer: '' },
    runtime: 'r',
    loadMs: 1,
    batches: [{ rows: 8, runs: 5, medianMs: 1, p95Ms: 2, residentBytes: 1000 }],
    cautions: [],
  },
  tags: { card: 'https://example.org/card' },
  comparison: { version: 3, metrics: { accuracy: 0.89, logLoss: 0.31 } },
  champion: { version: 3 },
  recorded: [],
  data: undefined,
  now: new Date('2026-06-01T00:00:00Z'),
};
const outcomes = (rules: object, changed: Partial<PolicyEvidence> = {}) =>
  Object.fromEntries(askPolicy(policy(rules), { ...evidence, ...changed }).map(({ gate, outcome }) => [gate, outcome]));
const everything = {
  metrics: { floors: { accuracy: 0.85 }, ceilings: { logLoss: 0.4 }, notWorseThanChampion: { metric: 'accuracy', tolerance: 0.01 } },
  probe: { rows: 8, maxP95Ms: 5, maxResidentBytes: 2000 },
  isProvenanceRequired: true,
  requiredTags: ['card'],
};

describe('a policy', () => {
  it('asks for nothing by itself', () => {
    expect(askPolicy(policy({}), evidence)).toEqual([]);
  });

  it('tells figures without the noise of binary fractions', () => {
    const [gate] = askPolicy(policy({ metrics: { floors: { accuracy: 0.5 } } }), { ...evidence, metrics: { accuracy: 0.8 + 0.04 } });
    expect(gate).toMatchObject({ reasons: ['accuracy is 0.84, at least 0.5'], margin: 0.34 });
  });

  it('passes what meets every rule, and tells the room that is left', () => {
    const results = askPolicy(policy(everything), evidence);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(7).fill('pass'));
    expect(results.find(({ gate }) => gate === 'metric:accuracy')?.margin).toBeCloseTo(0.05);
    expect(results.find(({ gate }) => gate === 'latency')).toMatchObject({ margin: 3 });
  });

  it('fails a rule that is broken by a hair', () => {
    expect(outcomes({ metrics: { floors: { accuracy: 0.9000001 } } })).toEqual({ 'metric:accuracy': 'fail' });
    expect(outcomes({ metrics: { floors: { accuracy: 0.9 } } })).toEqual({ 'metric:accuracy': 'pass' });
    const lower = { metrics: { notWorseThanChampion: { metric: 'logLoss', tolerance: 0, isHigherBetter: false } } };
    expect(outcomes(lower)).toEqual({ 'not-below-champion': 'pass' });
    expect(outcomes(lower, { metrics: { logLoss: 0.32 } })).toEqual({ 'not-below-champion': 'fail' });
  });

  it('counts evidence that is missing as not met', () => {
    const nothing = { metrics: {}, declaredBy: 'sam', datasetVersion: null, admission: null, tags: {}, comparison: null };
    expect(Object.values(outcomes(everything, nothing))).toEqual(Array(7).fill('fail'));
    expect(outcomes({ metrics: { floors: { accuracy: 0 } } }, { metrics: { accuracy: Number.NaN } })).toEqual({
      'metric:accuracy': 'fail',
    });
    const other = { comparison: { version: 2, metrics: { accuracy: 0.1 } } };
    expect(outcomes({ metrics: everything.metrics }, other)['not-below-champion']).toBe('fail');
  });

  it('wants a signed statement of what a version was made from', () => {
    const rule = { isProvenanceRequired: true };
    expect(outcomes(rule)).toEqual({ provenance: 'pass' });
    expect(outcomes(rule, { provenanceFaults: ['the statement speaks of another file'] })).toEqual({ provenance: 'fail' });
    expect(outcomes(rule, { provenanceFaults: undefined })).toEqual({ provenance: 'fail' });
  });

  it('reads as the documentation shows it', () => {
    const page = readFileSync(new URL('../../../../docs/promotion.md', import.meta.url), 'utf8');
    const { policy: shown } = policyBody.strict().parse(JSON.parse(/```json\n([\s\S]*?)```/.exec(page)![1]!));
    expect(approvalsFor(shown, 'staging', false)).toEqual([]);
    expect(approvalsFor(shown, 'staging', true)).toEqual([{ role: 'approver', count: 1 }]);
    expect(approvalsFor(shown, 'trial', false)).toEqual([{ role: 'approver', count: 1 }]);
    expect(Object.values(outcomes(shown)).filter((outcome) => outcome === 'fail').length).toBeGreaterThan(8);
  });

  it('freezes from its first moment to before its last', () => {
    const held = policy({ freezeWindows: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-04T00:00:00Z', reason: 'year end' }] });
    expect(frozenBy(held, new Date('2026-12-19T23:59:59Z'))).toBeUndefined();
    expect(frozenBy(held, new Date('2026-12-20T00:00:00Z'))).toContain('year end');
    expect(frozenBy(held, new Date('2027-01-04T00:00:00Z'))).toBeUndefined();
  });
});
