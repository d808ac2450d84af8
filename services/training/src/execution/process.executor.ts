import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { type Job, type JobResult, jobResult } from '../trainers/job.schema.js';
import { AttemptFailed, Executor } from './executor.js';

const program = fileURLToPath(new URL('../../dist/trainers/main.js', import.meta.url));
const keptErrorBytes = 4_000;

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the trainer as a child process: its memory goes with it, and a hanging one can be killed. */
@Injectable()
export class ProcessExecutor extends Executor {
  readonly name = 'process';

  constructor(@Inject(CONFIG) private readonly config: Config) {
    super();
  }

  async execute(job: Job, signal: AbortSignal): Promise<JobResult> {
    signal.throwIfAborted();
    // no environment: the trainer needs no secret of the service
    const child = spawn(process.execPath, [`--max-old-space-size=${this.config.RUN_HEAP_MB}`, program], { env: {}, stdio: 'pipe' });
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    try {
      // stays open: its end tells the trainer that this process is gone
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const ending = await endOf(child);
      signal.throwIfAborted();
      return resultOf(ending);
    } finally {
      signal.removeEventListener('abort', kill);
      kill();
    }
  }
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ending> {
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorBytes);
  });
  // writing to a trainer that has died is seen as its end
  child.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
}

function resultOf({ code, signal, output, errors }: Ending): JobResult {
  if (signal) throw new AttemptFailed(`the trainer was stopped by ${signal}`);
  if (code !== 0) throw new AttemptFailed(`the trainer ended with code ${code}: ${withoutPaths(errors.trim().split('\n')[0] ?? '')}`);
  return jobResult.parse(JSON.parse(output));
}

/** A first line of an error without where our files lie. */
export function withoutPaths(line: string): string {
  return line.replace(/(?:file:\/\/)?(?:\/[^\s/'"()]+){2,}\/?/g, '[path]');
}
