import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG, Logger } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { RunEntity } from '../runs/run.entity.js';
import { type Known, ParamsService } from '../search/params.service.js';
import type { OnTrial, Trial } from '../search/trials.service.js';
import { CodeVersionStore } from '../steps/code-version.store.js';
import { RunStepsService } from '../steps/run-steps.service.js';
import { StepLog } from '../steps/step-log.js';
import { exitCodes, programRefusal } from '../trainer-programs/program-job.schema.js';
import type { TrainerProgram } from '../trainer-programs/trainer-programs.js';
import { TrainersService } from '../trainer-programs/trainers.service.js';
import { isBuiltIn } from '../trainers/built-in.js';
import { type Job, type JobResult, jobResult, type Task } from '../trainers/job.schema.js';
import { AttemptFailed, Executor, type TaskEnd, type TaskWatch } from './executor.js';
import { withoutPaths } from './process.executor.js';

const ownProgram = fileURLToPath(new URL('../../dist/trainers/main.js', import.meta.url));

/** One attempt at a run, or a trial of it: where it works, and what it may take over. */
interface Place {
  readonly run: RunEntity;
  readonly folder: string;
  readonly known: Known;
  /** Steps are told where their outcome is kept. */
  readonly watch: TaskWatch & { readonly told?: StepLog };
}

type OwnTask = Pick<Task, 'step' | 'job' | 'program'>;

/** Carries out one attempt at a run: one step for a built-in trainer; for a program, its data first and a judgement after. */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly executor: Executor,
    private readonly trainers: TrainersService,
    private readonly params: ParamsService,
    private readonly steps: RunStepsService,
    private readonly codeVersion: CodeVersionStore,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Longest time of an attempt, in milliseconds. */
  timeLimitOf({ recipe }: RunEntity): number {
    const { seconds } = recipe.resources ?? {};
    return seconds === undefined ? this.config.RUN_TIMEOUT_MS : Math.min(this.config.RUN_TIMEOUT_MS, seconds * 1000);
  }

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
    const folder = await this.makeFolder(run);
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
    const onTrial: OnTrial = ({ trial, ended, total }) => {
      for (const line of linesOf(trial, run.recipe.search!.metric, ended / total)) watch.onLine(JSON.stringify(line), 'output');
    };
    return this.params.settle(
      run,
      job,
      known,
      (tried, name) => this.tryOut({ run, folder: join(folder, name), known, watch }, tried),
      onTrial,
    );
  }

  /** A trial in a folder of its own; of what it writes only its result is kept. */
  private async tryOut({ run, folder, watch }: Place, job: Job): Promise<JobResult> {
    await mkdir(folder, { mode: 0o700 });
    try {
      const quiet = { signal: watch.signal, onLine: () => undefined };
      return await this.carryOutJob({ run, folder, known: { codeVersion: '', outputs: {} }, watch: quiet }, job);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async carryOutJob(place: Place, job: Job): Promise<JobResult> {
    if (isBuiltIn(job.trainer)) return this.runOwn(place, { step: 'train', job });
    const program = this.trainers.find(job.trainer);
    if (!program) return { outcome: 'refused', reasons: [`the operator lets no trainer ${job.trainer} run here`] };
    return this.runProgram(place, job, program);
  }

  private async runProgram(place: Place, job: Job, program: TrainerProgram): Promise<JobResult> {
    const { run, folder, watch } = place;
    const limits = { ...run.recipe.resources, seconds: this.timeLimitOf(run) / 1000 };
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
    const end = await this.executor.run(task, { signal: watch.signal, onLine: watch.onLine });
    if (end.code === exitCodes.done) {
      if (watch.told) await this.steps.note(run, { ...own, status: 'done', output: { program: job.trainer } });
      return this.runOwn(place, { step: 'evaluate', job });
    }
    if (end.code === exitCodes.refused) return { outcome: 'refused', reasons: await refusalIn(work, end) };
    throw new AttemptFailed(brokenOff(end, lastLine(end)));
  }

  private async runOwn({ run, folder, known, watch }: Place, own: OwnTask): Promise<JobResult> {
    const task: Task = { ...own, codeVersion: known.codeVersion, known: known.outputs };
    await writeFile(join(folder, 'task.json'), JSON.stringify(task));
    const { RUN_HEAP_MB: heapMb } = this.config;
    const { memoryMb, ...limits } = isBuiltIn(own.job.trainer) ? (run.recipe.resources ?? {}) : {};
    const command = [process.execPath, `--max-old-space-size=${Math.min(heapMb, memoryMb ?? heapMb)}`, ownProgram, folder];
    const seconds = this.timeLimitOf(run) / 1000;
    // a tool that sets a limit is found by PATH; the trainer needs no secret of the service
    const environment: Record<string, string> = limits.cpus || limits.network ? { PATH: process.env['PATH'] ?? '' } : {};
    // what a program of somebody else writes is never taken for a step
    const onLine: TaskWatch['onLine'] = (line, from) => {
      if (from !== 'output' || !watch.told?.take(line)) watch.onLine(line, from);
    };
    const end = await this.executor.run(
      { folder, command, environment, limits: { ...limits, seconds }, isOurs: true },
      { signal: watch.signal, onLine },
    );
    if (end.code !== 0) throw new AttemptFailed(brokenOff(end, end.errors.trim().split('\n')[0] ?? ''));
    return jobResult.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
  }

  private async makeFolder({ id, attempt }: RunEntity): Promise<string> {
    const root = this.config.WORK_ROOT ?? join(tmpdir(), 'bascule-training');
    await mkdir(root, { recursive: true, mode: 0o700 });
    // an attempt whose service was killed left its folder
    for (const left of await readdir(root)) {
      if (left.startsWith(`${id}.`)) await rm(join(root, left), { recursive: true, force: true });
    }
    const folder = join(root, `${id}.${attempt}.${this.config.INSTANCE_ID}`);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }
}

/** What a trial says in the lines of a trainer: how far the search is, and how it did. */
function linesOf({ number, round, value, reason }: Trial, metric: string, share: number): object[] {
  const progress = { type: 'progress', step: 'trials', percent: Math.round(share * 100) };
  const name = round === 0 ? `trial.${metric}` : `trial.${metric}.round-${round}`;
  const told =
    value === null ? { type: 'log', level: 'warn', message: `trial ${number}: ${reason}` } : { type: 'metric', name, value, step: number };
  return [progress, told];
}

function lastLine({ errors }: TaskEnd): string {
  return errors.trim().split('\n').at(-1) ?? '';
}

function brokenOff({ code, signal }: TaskEnd, said: string): string {
  if (signal) return `the trainer was stopped by ${signal}`;
  if (code === exitCodes.tryAgain) return `the trainer asks to be tried again: ${withoutPaths(said)}`;
  return `the trainer ended with code ${code}: ${withoutPaths(said)}`;
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
