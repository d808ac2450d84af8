import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { RunEntity } from '../runs/run.entity.js';
import { isBuiltIn } from '../trainers/built-in.js';
import { type JobResult, jobResult, type Task } from '../trainers/job.schema.js';
import { AttemptFailed, Executor, type TaskWatch } from './executor.js';
import { brokenOff } from './task-end.js';

const program = fileURLToPath(new URL('../../dist/trainers/main.js', import.meta.url));

/** Rows on their way from a file to their columns are soon garbage: with less room for it a run of 300,000 rows takes half the memory, and a quarter more time to read. */
const youngHeap = '--max-semi-space-size=8';
/** Lets our program give memory back between its steps. */
const collects = '--expose-gc';

/** glibc would keep what was freed, so as to be quick the next time: a fifth more for a run of a million rows. Elsewhere it means nothing. */
const givesBack = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

/** Runs our own program: one step of a run, in a folder. */
@Injectable()
export class OwnProgram {
  constructor(
    private readonly executor: Executor,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Longest time of an attempt, in milliseconds. */
  timeLimitOf({ recipe }: Pick<RunEntity, 'recipe'>): number {
    const { seconds } = recipe.resources ?? {};
    return seconds === undefined ? this.config.RUN_TIMEOUT_MS : Math.min(this.config.RUN_TIMEOUT_MS, seconds * 1000);
  }

  /** @throws AttemptFailed when it ended without a result */
  async run(run: Pick<RunEntity, 'recipe'>, folder: string, task: Task, watch: TaskWatch): Promise<JobResult> {
    await writeFile(join(folder, 'task.json'), JSON.stringify(task));
    const { RUN_HEAP_MB: heapMb } = this.config;
    const { memoryMb, ...limits } = isBuiltIn(task.job.trainer) ? (run.recipe.resources ?? {}) : {};
    const heap = `--max-old-space-size=${Math.min(heapMb, memoryMb ?? heapMb)}`;
    const command = [process.execPath, heap, youngHeap, collects, program, folder];
    const seconds = this.timeLimitOf(run) / 1000;
    // a tool that sets a limit is found by PATH; the trainer needs no secret of the service
    const path: Record<string, string> = limits.cpus || limits.network ? { PATH: process.env['PATH'] ?? '' } : {};
    const environment = { ...path, ...givesBack };
    const end = await this.executor.run({ folder, command, environment, limits: { ...limits, seconds }, isOurs: true }, watch);
    if (end.code !== 0) throw new AttemptFailed(brokenOff(end, end.errors.trim().split('\n')[0] ?? ''));
    return jobResult.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
  }
}
