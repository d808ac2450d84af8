import { describe, expect, it } from 'vitest';
import { allPass, evaluateGates, failures, type GateEvidence } from './gates.js';

const signature = {
  inputs: [{ name: 'speed', datatype: 'FP32' as const, shape: [-1, 1] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 2] }],
};
const first: GateEvidence = {
  metrics: { auc: 0.78 },
  declaredBy: null,
  signature,
  graphFaults: [],
  artifactFaults: [],
  signingFaults: [],
  comparison: null,
  champion: undefined,
};
const second: GateEvidence = {
  ...first,
  comparison: { version: 1, metrics: { auc: 0.78 } },
  champion: { version: 1, signature },
};
const failed = (evidence: GateEvidence) => failures(evaluateGates(evidence)).map(({ path }) => path);

describe('evaluateGates', () => {
  it('passes a first version with a good score', () => {
    const gates = evaluateGates(first);
    expect(allPass(gates)).toBe(true);
    expect(gates.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });

  it('fails a version that was rolled back, or refused at load, and says why and when', () => {
    const at = '2026-01-02T00:00:00Z';
    expect(failures(evaluateGates({ ...first, mark: { at, cause: 'rolled-back', reasons: ['errors rose'] } }))).toEqual([
      { path: 'not-rolled-back', message: 'it was rolled back on 2026-01-02T00:00:00Z: errors rose' },
    ]);
    expect(failures(evaluateGates({ ...first, mark: { at, cause: 'refused-at-load', reasons: ['its graph is another'] } }))).toEqual([
      { path: 'not-rolled-back', message: 'a gateway refused to load it on 2026-01-02T00:00:00Z: its graph is another' },
    ]);
  });

  it('tells the room that is left, or lacking, where a rule has a bound', () => {
    const margins = (evidence: GateEvidence) =>
      Object.fromEntries(evaluateGates(evidence).flatMap(({ gate, margin }) => (margin === undefined ? [] : [[gate, margin]])));
    expect(margins(second)).toEqual({ 'auc-floor': expect.closeTo(0.18), 'not-below-champion': expect.closeTo(0.005) });
    expect(margins({ ...second, metrics: { auc: 0.5 } })).toMatchObject({ 'auc-floor': expect.closeTo(-0.1) });
    expect(margins({ ...second, metrics: {} })).toEqual({});
  });

  it('fails a version that was never evaluated', () => {
    expect(failed({ ...first, metrics: {} })).toEqual(['metrics-present', 'auc-floor']);
  });

  it('fails a score that is not a number', () => {
    expect(failed({ ...first, metrics: { auc: Number.NaN } })).toEqual(['metrics-present', 'auc-floor']);
  });

  it('fails a score no auc can have', () => {
    expect(failed({ ...first, metrics: { auc: 5 } })).toEqual(['metrics-present', 'auc-floor']);
    expect(failed({ ...second, metrics: { auc: 5 } })).toContain('not-below-champion');
  });

  it('says of declared metrics who declared them, and never that they were evaluated', () => {
    const reasons = evaluateGates({ ...first, declaredBy: 'sam' }).flatMap((gate) => gate.reasons);
    expect(reasons).toContain('auc is 0.78, declared by sam, not measured here');
    expect(reasons).toContain('auc 0.7800, declared by sam, not measured here, is at least 0.6');
    const compared = failures(evaluateGates({ ...second, declaredBy: 'sam', comparison: null }));
    expect(compared).toEqual([{ path: 'not-below-champion', message: expect.stringContaining('declared by sam, not measured here') }]);
    expect([...reasons, ...compared.map(({ message }) => message)].join()).not.toContain('hold-out');
  });

  it('says what a version without auc lacks and what to do', () => {
    const [failure] = failures(evaluateGates({ ...first, declaredBy: 'sam', metrics: { rmse: 12.5 } }));
    expect(failure?.message).toBe(
      'auc is missing: there is rmse 12.5, declared by sam, not measured here, which no gate can weigh; ' +
        'to ask all the same, send an override with its reason for the approvers',
    );
  });

  it('fails a signature that is not that of the graph, also without a champion', () => {
    expect(failed({ ...first, graphFaults: ['input "velocity" of the signature is not in the graph'] })).toEqual(['signature-compatible']);
  });

  it('fails a score below the floor and passes one on it', () => {
    expect(failed({ ...first, metrics: { auc: 0.5999 } })).toEqual(['auc-floor']);
    expect(failed({ ...first, metrics: { auc: 0.6 } })).toEqual([]);
  });

  it('counts a score within the tolerance as equal to the champion', () => {
    expect(failed({ ...second, metrics: { auc: 0.776 } })).toEqual([]);
    expect(failed({ ...second, metrics: { auc: 0.774 } })).toEqual(['not-below-champion']);
  });

  it('fails a version that was never compared with the champion, and names the ways out', () => {
    expect(failures(evaluateGates({ ...second, comparison: null }))).toEqual([
      { path: 'not-below-champion', message: expect.stringMatching(/never compared .*; a promotion policy of the model .*`metrics`/) },
    ]);
  });

  it('fails a version that was compared with an earlier champion', () => {
    const evidence = { ...second, champion: { version: 2, signature } };
    expect(failures(evaluateGates(evidence))).toEqual([
      { path: 'not-below-champion', message: 'the version was compared with version 1, but the champion is version 2' },
    ]);
  });

  it('fails a version that clients of the champion cannot call', () => {
    expect(failed({ ...second, signature: { ...signature, inputs: [{ ...signature.inputs[0]!, name: 'velocity' }] } })).toEqual([
      'signature-compatible',
      'signature-compatible',
    ]);
  });

  it('fails when the stored bytes are not what was registered', () => {
    expect(failed({ ...first, artifactFaults: ['the artifact is not in the object store'] })).toEqual(['artifact-verified']);
  });
});
