import type { ModelTask } from '@bascule/contracts';
import type { Target } from '../trainers/fitted-model.js';

/** What a champion says it tells; undefined is what nobody said. */
export interface ChampionTask {
  readonly task: ModelTask | undefined;
  readonly classes: readonly string[] | undefined;
}

/** An output as a signature names it, or as an artifact alone does. */
export interface NamedOutput {
  readonly name: string;
  /** Of probabilities: the last entry counts the classes, where it is known. */
  readonly shape: readonly (number | string)[];
  readonly columns?: readonly string[] | undefined;
  readonly classes?: readonly string[] | undefined;
}

/** Reads off its outputs what a model tells: `value` is a number, probabilities are of named classes or of no and yes. */
export function taskOfOutputs(outputs: readonly NamedOutput[]): ChampionTask {
  const probabilities = outputs.find(({ name }) => name === 'probabilities');
  if (!probabilities) return { task: outputs.some(({ name }) => name === 'value') ? 'regression' : undefined, classes: undefined };
  const classes = probabilities.columns ?? outputs.find(({ name }) => name === 'label')?.classes;
  if (classes) return { task: 'multiclass', classes };
  const count = probabilities.shape.at(-1);
  return { task: typeof count !== 'number' || count < 1 ? undefined : count <= 2 ? 'binary' : 'multiclass', classes };
}

const described = { binary: 'yes or no', multiclass: 'one of several classes', regression: 'a number' } as const;

/** Why two models cannot be held against the same truth; undefined when they can. @param positive of yes and no: the values that mean yes */
export function comparisonFault(champion: ChampionTask, challenger: Target, positive: readonly string[] = []): string | undefined {
  const { classes } = champion;
  if (challenger.task === 'binary' && classes?.length === 2) {
    const [no, yes] = classes as [string, string];
    // the second probability is taken for that of yes
    if (positive.includes(yes) && !positive.includes(no)) return undefined;
    return `its classes are ${no}, ${yes}, and the second of them is not what yes means here`;
  }
  if (champion.task !== undefined && champion.task !== challenger.task) {
    return `it tells ${described[champion.task]}, the new model ${described[challenger.task]}`;
  }
  if (challenger.task !== 'multiclass') return undefined;
  if (!classes) return 'it does not say which classes it tells, nor in which order';
  const isSame = classes.length === challenger.classes.length && classes.every((name, k) => name === challenger.classes[k]);
  return isSame ? undefined : `its classes are ${classes.join(', ')}, those of the new model ${challenger.classes.join(', ')}`;
}
