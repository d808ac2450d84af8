/** How a measurement ends when a success and a failure condition are weighed, as Argo Rollouts has it. */
export type Phase = 'successful' | 'failed' | 'inconclusive' | 'error';

type Condition = (() => boolean) | undefined;

/**
 * Failure wins over success; with neither, nothing is decided. Where only one condition is declared, the other is its
 * opposite. A condition that cannot be evaluated, or is no yes or no, is an error and never a success.
 */
export function phaseOf(success: Condition, failure: Condition): Phase {
  try {
    const isFailed = failure ? yesOrNo(failure()) : undefined;
    const isSuccessful = success ? yesOrNo(success()) : undefined;
    if (isFailed === true) return 'failed';
    if (isSuccessful === true) return 'successful';
    if (isSuccessful === undefined) return 'successful';
    return isFailed === undefined ? 'failed' : 'inconclusive';
  } catch {
    return 'error';
  }
}

function yesOrNo(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`expected a yes or no, but got ${typeof value}`);
  return value;
}
