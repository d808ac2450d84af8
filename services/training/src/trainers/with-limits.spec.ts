import { expect, it } from 'vitest';
import { limitsOf, profileWithLimits, withLimits } from './with-limits.js';

const column = (name: string, limits?: object) => ({
  name,
  type: 'string' as const,
  role: 'feature' as const,
  nullable: true,
  ...(limits && { limits }),
});
const inputs = ['speed', 'size', 'free'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 1], kind: 'numeric' as const }));

it('what the contract allows of a feature goes with the model, and with what monitoring holds it against', () => {
  const limits = limitsOf([
    column('speed', { maximum: 600 }),
    column('size', { allowed: ['a'] }),
    column('free'),
    column('gone', { minimum: 1 }),
  ]);
  const signature = withLimits({ inputs, outputs: inputs }, limits);
  expect(signature.inputs.map((input) => [input.name, input.limits])).toEqual([
    ['speed', { maximum: 600 }],
    ['size', { allowed: ['a'] }],
    ['free', undefined],
  ]);
  expect(signature.outputs).toEqual(inputs);
  const features = [{ name: 'speed', kind: 'numeric' as const, missing: 0, edges: [], counts: [0], min: null, max: null, quantiles: [] }];
  const profile = { features } as unknown as Parameters<typeof profileWithLimits>[0];
  expect(profileWithLimits(profile, limits).features).toEqual([{ ...features[0], limits: { maximum: 600 } }]);
});

it('lists that are too long together are not handed on', () => {
  const long = { allowed: Array.from({ length: 100 }, () => 'x'.repeat(100)) };
  expect(limitsOf(Array.from({ length: 10 }, (_, i) => column(`c${i}`, long))).size).toBe(5);
});
