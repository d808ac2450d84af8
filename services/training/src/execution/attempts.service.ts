import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { RunEntity } from '../runs/run.entity.js';
import { exitCodes, programRefusal } from '../trainer-programs/program-job.schema.js';
import type { TrainerProgram } from '../trainer-programs/trainer-programs.js';
import { TrainersService } from '../trainer-programs/trainers.service.js';
import { isBuiltIn } from '../trainers/built-in.js';
import { type Job, type JobResult, jobResult, type Task } from '../trainers/job.schema.js';
import { AttemptFailed, Executor, type TaskEnd, type TaskWatch } from './executor.js';
import { withoutPaths } from './process.executor.js';

const ownProgram = fileURLToPath(new URL('../../dist/trainers/main.js', import.meta.url));

/** Carries out one attempt at a run: one step for a built-in trainer; for a program, its data first and a judgement after. */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly executor: Executor,
    private readonly trainers: TrainersService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Longest time of an attempt, in milliseconds. */
  timeLimitOf({ recipe }: RunEntity): number {
    const { seconds } = recipe.resources ?? {};
    return seconds === undefined ? this.config.RUN_TIMEOUT_MS : Math.min(this.config.RUN_TIMEOUT_MS, seconds * 1000);
  }

  /** @throws AttemptFailed when the attempt broke off without a result */
  async carryOut(run: RunEntity, job: Job, watch: TaskWatch): Promise<JobResult> {
    const faults = await this.executor.faultsOf(run.recipe.resources ?? {});
    if (faults.length > 0) return { outcome: 'refused', reasons: [...faults] };
    const folder = await this.makeFolder(run);
    try {
      if (isBuiltIn(job.trainer)) return await this.runOwn(run, folder, { step: 'train', job }, watch);
      const program = this.trainers.find(job.trainer);
      if (!program) return { outcome: 'refused', reasons: [`the operator lets no trainer ${job.trainer} run here`] };
      return await this.runProgram(run, folder, job, program, watch);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async runProgram(run: RunEntity, folder: string, job: Job, program: TrainerProgram, watch: TaskWatch): Promise<JobResult> {
    const limits = { ...run.recipe.resources, seconds: this.timeLimitOf(run) / 1000 };
    const context = { runId: run.id, attempt: run.attempt, pipelineName: run.pipelineName, limits };
    const prepared = await this.runOwn(run, folder, { step: 'prepare', job, program: context }, watch);
    if (prepared.outcome !== 'prepared') return prepared;
    const work = join(folder, 'work');
    const home = join(folder, 'home');
    await mkdir(home);
    const environment = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, ...program.environment };
    const end = await this.executor.run({ folder: work, command: program.command, environment, limits, isOurs: false }, watch);
    if (end.code === exitCodes.done) return this.runOwn(run, folder, { step: 'evaluate', job }, watch);
    if (end.code === exitCodes.refused) return { outcome: 'refused', reasons: await refusalIn(work, end) };
    throw new AttemptFailed(brokenOff(end, lastLine(end)));
  }

  private async runOwn(run: RunEntity, folder: string, task: Task, watch: TaskWatch): Promise<JobResult> {
    await writeFile(join(folder, 'task.json'), JSON.stringify(task));
    const { RUN_HEAP_MB: heapMb } = this.config;
    const { memoryMb, ...limits } = isBuiltIn(task.job.trainer) ? (run.recipe.resources ?? {}) : {};
    const command = [process.execPath, `--max-old-space-size=${Math.min(heapMb, memoryMb ?? heapMb)}`, ownProgram, folder];
    const seconds = this.timeLimitOf(run) / 1000;
    // a tool that sets a limit is found by PATH; the trainer needs no secret of the service
    const environment: Record<string, string> = limits.cpus || limits.network ? { PATH: process.env['PATH'] ?? '' } : {};
    const end = await this.executor.run({ folder, command, environment, limits: { ...limits, seconds }, isOurs: true }, watch);
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
