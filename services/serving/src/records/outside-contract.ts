import { limitFault } from '@bascule/contracts';
import type { FeaturePlan } from './feature-plan.js';
import { featurePath, type RecordFault } from './read-features.js';

/** Features of a record whose values the contract of the training data does not allow: the model answers about what it never saw. */
export function outsideContract(features: unknown, { inputs }: FeaturePlan): RecordFault[] {
  if (typeof features !== 'object' || features === null || Array.isArray(features)) return [];
  return inputs.flatMap(({ name, limits }): RecordFault[] => {
    if (!limits || !Object.hasOwn(features, name)) return [];
    const message = limitFault(limits, (features as Record<string, unknown>)[name]);
    return message === undefined ? [] : [{ path: featurePath(name), reason: 'outside_contract', message: `the value ${message}` }];
  });
}
