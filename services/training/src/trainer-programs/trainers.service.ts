import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { trainerUnknown } from '../errors.js';
import { builtInTrainers, isBuiltIn } from '../trainers/built-in.js';
import { readTrainerPrograms, type TrainerProgram } from './trainer-programs.js';

export interface TrainerView {
  readonly name: string;
  readonly kind: 'built-in' | 'program';
  readonly title?: string | undefined;
}

/** Trainers that pipelines may name: built in, and programs of the operator. */
@Injectable()
export class TrainersService {
  private readonly programs: ReadonlyMap<string, TrainerProgram>;

  constructor(@Inject(CONFIG) config: Config) {
    this.programs = readTrainerPrograms(config.TRAINERS_FILE);
  }

  list(): TrainerView[] {
    const programs = [...this.programs].map(([name, { title }]) => ({ name, kind: 'program' as const, ...(title ? { title } : {}) }));
    return [...builtInTrainers.map((name) => ({ name, kind: 'built-in' as const })), ...programs];
  }

  find(name: string): TrainerProgram | undefined {
    return this.programs.get(name);
  }

  /** Throws `training.trainer_unknown` for a name that nobody allowed. */
  require(name: string): void {
    if (!isBuiltIn(name) && !this.programs.has(name)) {
      const known = this.list().map((trainer) => trainer.name);
      throw trainerUnknown({ name }, `Known trainers: ${known.join(', ')}.`);
    }
  }
}
