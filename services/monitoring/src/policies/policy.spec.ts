import { describe, expect, it } from 'vitest';
import { defaultPolicy, monitoringPolicy, newMonitoringPolicy } from './policy.js';

describe('a policy that is sent', () => {
  it.each([
    [{ policy: { canary: { minLabelled: 0 } }, reason: 'no labels' }, 'policy'],
    [{ canari: { minLabelled: 0 } }, 'canari'],
    [{ canary: { minLabeled: 0 } }, 'minLabeled'],
    [{ drift: { excess: 1 } }, 'excess'],
    [{ brokenFeature: { count: 1 } }, 'count'],
    [{ performance: { auc: 1 } }, 'auc'],
    [{ canary: { business: { metric: { kind: 'label' }, worse: 1 } } }, 'worse'],
    [{ canary: { business: { metric: { kind: 'label', outcome: 'paid' } } } }, 'outcome'],
  ])('is refused by the name of what does not exist, at any level', (body, name) => {
    const { success, error } = newMonitoringPolicy.safeParse(body);
    expect(success).toBe(false);
    expect(error?.issues.map(({ message }) => message).join()).toContain(`"${name}"`);
  });

  it('gets defaults for what is left out, and may be what was read before', () => {
    expect(newMonitoringPolicy.parse({})).toEqual(defaultPolicy);
    const business = { metric: { kind: 'decision', outcome: 'paid' }, better: 'lower', harmless: 0.02 };
    const read = monitoringPolicy.parse({ canary: { business } });
    expect(newMonitoringPolicy.parse(read)).toEqual(read);
  });
});

describe('a policy that is stored', () => {
  it('is still read when it has settings that no longer exist', () => {
    expect(monitoringPolicy.parse({ canary: { alpha: 0.05, gone: 1 }, old: {} })).toEqual({
      ...defaultPolicy,
      canary: { ...defaultPolicy.canary, alpha: 0.05 },
    });
  });
});
