import type { ModelTask } from '@bascule/contracts';

/** Trainers that need no program of anybody else. */
export const builtInTrainers = ['logistic-regression', 'linear-regression', 'gradient-boosting', 'prior'] as const;
export type BuiltInTrainer = (typeof builtInTrainers)[number];

/** What each of them can learn to tell. */
export const trainerTasks: Readonly<Record<BuiltInTrainer, readonly ModelTask[]>> = {
  'logistic-regression': ['binary', 'multiclass'],
  'linear-regression': ['regression'],
  'gradient-boosting': ['binary', 'multiclass', 'regression'],
  prior: ['binary', 'multiclass', 'regression'],
};

export function isBuiltIn(name: string): name is BuiltInTrainer {
  return builtInTrainers.some((known) => known === name);
}
