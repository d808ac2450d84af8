import { Injectable } from '@nestjs/common';
import type { RunEntity } from '../runs/run.entity.js';
import { RunStepsService } from '../steps/run-steps.service.js';
import { isBuiltIn } from '../trainers/built-in.js';
import type { Job } from '../trainers/job.schema.js';
import { stepKey } from '../trainers/steps.js';
import { type OnTrial, type Searched, TrialsService, type TryOut } from './trials.service.js';

export interface Known {
  readonly codeVersion: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Finds the parameters that a run is to fit with. */
@Injectable()
export class ParamsService {
  constructor(
    private readonly trials: TrialsService,
    private readonly steps: RunStepsService,
  ) {}

  /** The job with the best parameters of its search; as it is when there is nothing to search. */
  async settle(run: RunEntity, job: Job, known: Known, tryOut: TryOut, onTrial: OnTrial): Promise<Job | { readonly reasons: string[] }> {
    const { search } = run.recipe;
    if (!search) return job;
    const { datasetVersion, evaluationDatasetVersion, features, label, split, excludedWindows, trainer, params } = job;
    const rests = { datasetVersion, evaluationDatasetVersion, features, label, split, excludedWindows, trainer, params, search };
    const key = stepKey('trials', known.codeVersion, rests);
    // a program may have become another one under the same name
    const former = isBuiltIn(trainer) ? (known.outputs[key] as Searched | undefined) : undefined;
    await this.steps.note(run, { name: 'trials', key, ...(former ? { status: 'reused', output: former } : { status: 'started' }) });
    const found = former ?? (await this.trials.search(run, search, tryOut, onTrial));
    if ('reasons' in found) return found;
    if (!former) await this.steps.note(run, { name: 'trials', status: 'done', key, output: found });
    return { ...job, params: { ...params, ...found.params } };
  }
}
