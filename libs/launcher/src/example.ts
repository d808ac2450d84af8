import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

/** Removes the steps of earlier runs. */
export function removeSteps(directory: Pick<DataDirectory, 'path'>): void {
  const file = directory.path('example-steps.jsonl');
  for (const name of readdirSync(dirname(file)))
    if (/^example-steps.*\.jsonl$/.test(name)) rmSync(join(dirname(file), name), { force: true });
}

/** A file for the steps of one run, where the usual name leads: a run that outlived its launcher writes to another. */
export function newStepsFile(directory: Pick<DataDirectory, 'path'>): string {
  removeSteps(directory);
  const link = directory.path('example-steps.jsonl');
  const file = join(dirname(link), `example-steps-${randomBytes(6).toString('hex')}.jsonl`);
  writeFileSync(file, '', { mode: 0o600 });
  symlinkSync(basename(file), link);
  return file;
}

export interface Example {
  readonly process: ChildProcess;
  /** JSON lines of the steps that have ended. */
  readonly stepsFile: string;
  /** Whether every step held. */
  readonly finished: Promise<boolean>;
  stop(): Promise<void>;
}

/** Ends the example when its input closes, which happens when we end in whatever way. */
const endWithUs =
  'data:text/javascript,process.stdin.on("error",()=>process.exit(1)).on("end",()=>process.exit(1)).resume();process.stdin.unref()';

/** Plays the example as a client of the running stack; its lines go to our output. */
export function playExample(directory: DataDirectory): Example {
  const main = join(repositoryRoot, 'examples', 'birdstrikes', 'dist', 'main.js');
  const stepsFile = newStepsFile(directory);
  const note = (state: z.infer<typeof mark>['state']) =>
    writePrivately(directory.path('example.json'), { state, at: new Date().toISOString() });
  note('playing');
  // without the bound its young generation alone takes a hundred megabytes
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--import', endWithUs, main], {
    cwd: repositoryRoot,
    env: { ...process.env, BASCULE_STACK: directory.stackFile, BASCULE_REPORT: stepsFile },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.on('error', () => {}); // it ended first
  let stopped = false;
  const finished = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => {
      if (!stopped) note(code === 0 ? 'played' : 'failed');
      resolve(code === 0);
    });
  });
  return {
    process: child,
    stepsFile,
    finished,
    stop: () => {
      stopped = true;
      return endProcess(child, 'SIGTERM', 3_000);
    },
  };
}
