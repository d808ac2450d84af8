/** Trainers that need no program of anybody else. */
export const builtInTrainers = ['logistic-regression', 'prior'] as const;
export type BuiltInTrainer = (typeof builtInTrainers)[number];

export function isBuiltIn(name: string): name is BuiltInTrainer {
  return builtInTrainers.some((known) => known === name);
}
