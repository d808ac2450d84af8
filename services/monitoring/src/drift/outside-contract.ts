import { limitFault } from '@bascule/contracts';
import type { WindowCounts } from '../windows/window-counts.js';
import type { FeatureProfile } from './feature-bins.js';

/** Numbers are counted to within a hundredth: what lies nearer to a limit may be within it. */
const errors = [0.99, 1, 1.01];
const mostExamples = 3;

/** What of a feature the contract of the training data does not allow, with how many values of the window; nothing where all is within. */
export function outsideContract({ name, limits }: FeatureProfile, window: WindowCounts): string[] {
  if (!limits) return [];
  const values: Iterable<readonly [string | number, number]> =
    window.categorical.get(name)?.counts ?? window.numeric.get(name)?.entries() ?? [];
  let [present, outside] = [0, 0];
  const examples: string[] = [];
  for (const [value, count] of values) {
    present += count;
    const isOutside =
      typeof value === 'number'
        ? errors.every((error) => limitFault(limits, value * error) !== undefined)
        : limitFault(limits, value) !== undefined;
    if (!isOutside) continue;
    outside += count;
    if (examples.length < mostExamples)
      examples.push(typeof value === 'number' ? value.toPrecision(3) : JSON.stringify(value.slice(0, 40)));
  }
  if (outside === 0) return [];
  return [`${outside} of ${present} values are not what the contract of the training data allows, for example ${examples.join(', ')}`];
}
