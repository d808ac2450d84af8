import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess } from './child-process.js';
import type { DataDirectory } from './data-directory.js';
import { writePrivately } from './secrets-file.js';
import { repositoryRoot } from './service-process.js';

const step = z.object({ name: z.string(), ok: z.boolean(), ms: z.number(), detail: z.string() });
export type Step = z.infer<typeof step>;

const mark = z.object({ state: z.enum(['playing', 'played', 'failed']), at: z.string() });

/** What became of the example in this data directory; undefined when it was never begun. */
export function exampleState(directory: DataDirectory): 'playing' | 'played' | 'failed' | undefined {
  try {
    return mark.parse(JSON.parse(readFileSync(directory.path('example.json'), 'utf8'))).state;
  } catch {
    return undefined;
  }
}

/** The steps a report in JSON lines holds so far. */
export function readSteps(file: string): Step[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => step.parse(JSON.parse(line)));
}

/** Writes the report that was asked for with `--report`. */
export function writeReport(file: string, steps: readonly Step[]): void {
  writeFileSync(file, `${JSON.stringify({ steps }, null, 2)}\n`);
}

export interface Example {
  /** Whether every step held. */
  readonly finished: Promise<boolean>;
  stop(): Promise<void>;
}

/** Plays the example as a client of the running stack; its lines go to our output. */
export function playExample(directory: DataDirectory): Example {
  const main = join(repositoryRoot, 'examples', 'birdstrikes', 'dist', 'main.js');
  const stepsFile = directory.path('example-steps.jsonl');
  const note = (state: z.infer<typeof mark>['state']) =>
    writePrivately(directory.path('example.json'), { state, at: new Date().toISOString() });
  rmSync(stepsFile, { force: true });
  writeFileSync(stepsFile, '', { mode: 0o600 });
  note('playing');
  // without the bound its young generation alone takes a hundred megabytes
  const child: ChildProcess = spawn(process.execPath, ['--max-semi-space-size=4', main], {
    cwd: repositoryRoot,
    env: { ...process.env, BASCULE_STACK: directory.stackFile, BASCULE_REPORT: stepsFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let stopped = false;
  const finished = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => {
      if (!stopped) note(code === 0 ? 'played' : 'failed');
      resolve(code === 0);
    });
  });
  return {
    finished,
    stop: () => {
      stopped = true;
      return endProcess(child, 'SIGTERM', 3_000);
    },
  };
}
