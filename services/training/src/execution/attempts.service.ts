import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { RunEntity } from '../runs/run.entity.js';
import { type Known, ParamsService } from '../search/params.service.js';
import type { PlannedTrial } from '../search/search-plan.js';
import type { OnEnded, OnTrial, Trial } from '../search/trials.service.js';
import { CodeVersionStore } from '../steps/code-version.store.js';
import { RunStepsService } from '../steps/run-steps.service.js';
import { StepLog } from '../steps/step-log.js';
import { ProgramFiles } from '../trainer-programs/program-files.store.js';
import { exitCodes, programRefusal } from '../trainer-programs/program-job.schema.js';
import type { TrainerProgram } from '../trainer-programs/trainer-programs.js';
import { TrainersService } from '../trainer-programs/trainers.service.js';
import { isBuiltIn } from '../trainers/built-in.js';
import type { Job, JobResult, Task } from '../trainers/job.schema.js';
import { secondsLeftAfter } from '../trainers/report.js';
import { trialLineOf } from '../trainers/try-out.js';
import { AttemptFailed, Executor, type TaskEnd, type TaskWatch } from './executor.js';
import { OwnProgram } from './own-program.service.js';
import { brokenOff, lastLine, withoutPaths } from './task-end.js';
import { WorkFolders } from './work-folders.service.js';

/** One attempt at a run, or a trial of it: where it works, and what it may take over. */
interface Place {
  readonly run: RunEntity;
  readonly folder: string;
  readonly known: Known;
  /** Steps are told where their outcome is kept. */
  readonly watch: TaskWatch & { readonly told?: StepLog };
}

type OwnTask = Pick<Task, 'step' | 'job' | 'program'> & Partial<Pick<Task, 'trials'>>;

/** A process that tries parameters out ends after so many: what is left is shared out anew. */
const trialsPerProcess = 8;

/** Carries out one attempt at a run: one step for a built-in trainer; for a program, its data first and a judgement after. */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly executor: Executor,
    private readonly own: OwnProgram,
    private readonly trainers: TrainersService,
    private readonly params: ParamsService,
    private readonly steps: RunStepsService,
    private readonly codeVersion: CodeVersionStore,
    private readonly files: ProgramFiles,
    private readonly folders: WorkFolders,
    private readonly log: Logger,
  ) {}

  /**
   * @returns what came out, and the job with the parameters that were found for it
   * @throws AttemptFailed when the attempt broke off without a result
   */
  async carryOut(run: RunEntity, job: Job, watch: TaskWatch): Promise<{ result: JobResult; job: Job }> {
    const faults = await this.executor.faultsOf(run.recipe.resources ?? {});
    if (faults.length > 0) return { result: { outcome: 'refused', reasons: [...faults] }, job };
    const { digest: codeVersion } = await this.codeVersion.get();
    const known = { codeVersion, outputs: run.recipe.fresh ? {} : await this.steps.known(run.modelName) };
    const told = new StepLog(
      (line) => this.steps.note(run, line),
      (error) => this.log.warn({ err: error, runId: run.id }, 'a step was not kept'),
    );
    const folder = await this.folders.make(run);
    try {
      const place = { run, folder, known, watch: { ...watch, told } };
      const found = await this.findParams(place, job);
      if ('reasons' in found) return { result: { outcome: 'refused', reasons: found.reasons }, job };
      return { result: await this.carryOutJob(place, found), job: found };
    } finally {
      await told.settled();
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async findParams({ run, folder, known, watch }: Place, job: Job) {
    const startedAt = performance.now();
    const onTrial: OnTrial = ({ trial, ended, total }) => {
      const secondsLeft = secondsLeftAfter((performance.now() - startedAt) / 1000, (100 * ended) / total);
      for (const line of linesOf(trial, run.recipe.search!.metric, ended / total, secondsLeft))
        watch.onLine(JSON.stringify(line), 'output');
    };
    const quiet: Place = { run, folder, known: { codeVersion: '', outputs: {} }, watch: { signal: watch.signal, onLine: () => undefined } };
    const tryOut = isBuiltIn(job.trainer)
      ? (planned: readonly PlannedTrial[], onEnded: OnEnded) => this.tryOut(quiet, job, planned, onEnded)
      : (planned: readonly PlannedTrial[], onEnded: OnEnded) => this.tryOutProgram(quiet, job, planned, onEnded);
    return this.params.settle(run, job, known, { atOnce: isBuiltIn(job.trainer) ? trialsPerProcess : 1, carryOut: tryOut }, onTrial);
  }

  /** Trials in one process, which reads the rows once; each is told of, and kept, as it ends. */
  private async tryOut(place: Place, job: Job, planned: readonly PlannedTrial[], onEnded: OnEnded): Promise<void> {
    let [told, fault, keeping] = [0, undefined as { error: unknown } | undefined, Promise.resolve()];
    const onLine: TaskWatch['onLine'] = (line, from) => {
      const ended = from === 'output' ? trialLineOf(line) : undefined;
      const trial = ended && planned[ended.at];
      if (!trial) return;
      told++;
      const keep = () => onEnded(trial, ended.result, ended.seconds);
      keeping = keeping.then(keep).catch((error: unknown) => {
        fault ??= { error };
      });
    };
    try {
      await this.folders.within(place.folder, nameOf(planned[0]!), async (folder) => {
        const trials = planned.map(({ params, rows }) => ({ params, rows }));
        await this.runOwn({ ...place, folder, watch: { ...place.watch, onLine } }, { step: 'trials', job, trials });
      });
    } finally {
      await keeping;
    }
    if (fault) throw fault.error;
    if (told < planned.length) throw new AttemptFailed(`the trainer told of ${told} of ${planned.length} trials`);
  }

  /** Trials of a program, which knows of nothing but fits: a folder of its own for each. */
  private async tryOutProgram(place: Place, job: Job, planned: readonly PlannedTrial[], onEnded: OnEnded): Promise<void> {
    for (const trial of planned) {
      const startedAt = performance.now();
      const tried = { ...job, params: { ...job.params, ...trial.params }, trial: { rows: trial.rows } };
      const result = await this.folders.within(place.folder, nameOf(trial), (folder) => this.carryOutJob({ ...place, folder }, tried));
      await onEnded(trial, result, (performance.now() - startedAt) / 1000);
    }
  }

  private async carryOutJob(place: Place, job: Job): Promise<JobResult> {
    if (isBuiltIn(job.trainer)) return this.runOwn(place, { step: 'train', job });
    const program = this.trainers.find(job.trainer);
    if (!program) return { outcome: 'refused', reasons: [`the operator lets no trainer ${job.trainer} run here`] };
    // it would not be there for another attempt either
    if (!(await this.files.isThere(program)))
      return { outcome: 'refused', reasons: [`the program of trainer ${job.trainer} is not there`] };
    return this.runProgram(place, job, program);
  }

  private async runProgram(place: Place, job: Job, program: TrainerProgram): Promise<JobResult> {
    const { run, folder, watch } = place;
    const limits = { ...run.recipe.resources, seconds: this.own.timeLimitOf(run) / 1000 };
    const context = { runId: run.id, attempt: run.attempt, pipelineName: run.pipelineName, limits };
    const prepared = await this.runOwn(place, { step: 'prepare', job, program: context });
    if (prepared.outcome !== 'prepared') return prepared;
    const work = join(folder, 'work');
    const home = join(folder, 'home');
    await mkdir(home);
    const environment = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, ...program.environment };
    const task = { folder: work, command: program.command, environment, limits, isOurs: false };
    // a program may have become another one under the same name: what it makes is never taken over
    const own = { name: 'train' as const, key: `program:${run.id}` };
    if (watch.told) await this.steps.note(run, { ...own, status: 'started' });
    const used = await this.files.describe(job.trainer, program);
    const end = await this.executor.run(task, { signal: watch.signal, onLine: watch.onLine });
    if (end.code === exitCodes.done) {
      const { digest } = await this.files.describe(job.trainer, program);
      if (digest !== used.digest) throw new AttemptFailed(`the files of trainer ${job.trainer} changed while it ran`);
      if (watch.told) await this.steps.note(run, { ...own, status: 'done', output: { program: used } });
      const result = await this.runOwn(place, { step: 'evaluate', job });
      return result.outcome === 'succeeded' ? { ...result, program: used } : result;
    }
    if (end.code === exitCodes.refused) return { outcome: 'refused', reasons: await refusalIn(work, end) };
    throw new AttemptFailed(brokenOff(end, lastLine(end)));
  }

  private async runOwn({ run, folder, known, watch }: Place, own: OwnTask): Promise<JobResult> {
    // what a program of somebody else writes is never taken for a step
    const onLine: TaskWatch['onLine'] = (line, from) => {
      if (from !== 'output' || !watch.told?.take(line)) watch.onLine(line, from);
    };
    const task = { trials: [], ...own, codeVersion: known.codeVersion, known: known.outputs };
    return this.own.run(run, folder, task, { signal: watch.signal, onLine });
  }
}

const nameOf = ({ round, number }: PlannedTrial): string => `trial-${round}-${number}`;

/** What a trial says in the lines of a trainer: how far the search is, and how it did. */
function linesOf({ number, round, value, reason }: Trial, metric: string, share: number, secondsLeft: number | undefined): object[] {
  const progress = {
    type: 'progress',
    step: 'trials',
    percent: Math.round(share * 100),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  };
  const name = round === 0 ? `trial.${metric}` : `trial.${metric}.round-${round}`;
  const told =
    value === null ? { type: 'log', level: 'warn', message: `trial ${number}: ${reason}` } : { type: 'metric', name, value, step: number };
  return [progress, told];
}

async function refusalIn(folder: string, end: TaskEnd): Promise<string[]> {
  const text = await readFile(join(folder, 'refusal.json'), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : programRefusal.safeParse(safeJson(text));
  if (parsed?.success) return parsed.data.reasons;
  return [withoutPaths(lastLine(end)) || 'the trainer refused the data without a reason'];
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
