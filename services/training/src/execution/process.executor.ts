import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import type { Resources } from '../trainers/job.schema.js';
import { endStrays, taskMark } from './end-strays.js';
import { AttemptFailed, Executor, type ProgramTask, type TaskEnd, type TaskWatch } from './executor.js';
import { faultsOfLimits, type Kernel, limitedCommand, probeKernel } from './limits.js';
import { LineReader } from './line-reader.js';
import { withoutPaths } from './task-end.js';

const supervisor = fileURLToPath(new URL('../../dist/execution/supervise.js', import.meta.url));
const keptErrorBytes = 4_000;
/** So long what a program wrote last is read after its end; then nobody waits any more for those who hold its pipes open. */
const drainMs = 2_000;

/** Runs programs as child processes, each in a process group of its own: what it started ends with it, in whatever group by then. */
@Injectable()
export class ProcessExecutor extends Executor {
  readonly name = 'process';
  private kernel: Promise<Kernel> | undefined;

  async faultsOf(limits: Resources): Promise<readonly string[]> {
    return faultsOfLimits(limits, await this.probe());
  }

  async run(task: ProgramTask, { signal, onLine }: TaskWatch): Promise<TaskEnd> {
    signal.throwIfAborted();
    const command = await this.commandOf(task);
    const [file, ...args] = command;
    const options = { cwd: task.folder, env: { ...task.environment, [taskMark]: task.folder }, stdio: 'pipe' as const, detached: true };
    const child = spawn(file!, args, options);
    const kill = () => killGroup(child);
    signal.addEventListener('abort', kill, { once: true });
    try {
      const end = await endOf(child, onLine);
      signal.throwIfAborted();
      return end;
    } finally {
      signal.removeEventListener('abort', kill);
      // what the program left running in its group, and out of it
      kill();
      if (!task.isOurs) await endStrays(task.folder);
    }
  }

  private async commandOf({ command, isOurs, limits }: ProgramTask): Promise<readonly string[]> {
    const kernel = await this.probe();
    // one of ours bounds its heap itself: a bound on addresses would stop it at its start
    if (isOurs) return limits.cpus || limits.network ? limitedCommand(command, { ...limits, memoryMb: undefined }, kernel) : command;
    return [process.execPath, '--max-old-space-size=32', supervisor, ...limitedCommand(command, limits, kernel)];
  }

  private probe(): Promise<Kernel> {
    this.kernel ??= probeKernel();
    return this.kernel;
  }
}

function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group is empty
  }
}

async function endOf(child: ChildProcessWithoutNullStreams, onLine: TaskWatch['onLine']): Promise<TaskEnd> {
  let errors = '';
  const output = new LineReader((line) => onLine(line, 'output'));
  const faults = new LineReader((line) => {
    errors = `${errors}${line}\n`.slice(-keptErrorBytes);
    onLine(line, 'errors');
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.take(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => faults.take(text));
  // the pipe stays open: its end tells the child that this process is gone
  child.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new AttemptFailed(`the program cannot be started: ${withoutPaths(error.message)}`)));
    // what a program started may hold its pipes open after it has ended
    child.once('exit', () => {
      killGroup(child);
      // the timer may be the first to be asked on a busy machine: what waits in the pipes is read before
      setTimeout(() => setImmediate(() => [child.stdout, child.stderr].map((pipe) => pipe.destroy())), drainMs).unref();
    });
    child.once('close', (code, signal) => {
      output.end();
      faults.end();
      resolve({ code, signal, errors });
    });
  });
}
