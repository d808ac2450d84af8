import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Resources } from '../trainers/job.schema.js';

const run = promisify(execFile);

/** What the kernel and its tools let us limit. */
export interface Kernel {
  readonly memory: boolean;
  readonly cpus: boolean;
  readonly network: boolean;
  readonly cpuCount: number;
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, [...args], { timeout: 5_000, env: { PATH: process.env['PATH'] ?? '' } });
    return true;
  } catch {
    return false;
  }
}

/** Tries each kind of limit on a program that does nothing. */
export async function probeKernel(): Promise<Kernel> {
  const [memory, cpus, network] = await Promise.all([
    works('prlimit', ['--as=1073741824', '--core=0', 'true']),
    works('taskset', ['-c', '0', 'true']),
    works('unshare', ['--map-root-user', '--net', 'true']),
  ]);
  return { memory, cpus, network, cpuCount: availableParallelism() };
}

/** Why limits cannot be kept to on this kernel. */
export function faultsOfLimits({ memoryMb, cpus, network }: Resources, kernel: Kernel): string[] {
  const faults: string[] = [];
  if (memoryMb !== undefined && !kernel.memory) faults.push('memory cannot be limited here: prlimit is missing or not permitted');
  if (cpus !== undefined && cpus > kernel.cpuCount) faults.push(`${cpus} CPUs are asked for, there are ${kernel.cpuCount}`);
  if (cpus !== undefined && !kernel.cpus) faults.push('CPUs cannot be limited here: taskset is missing or not permitted');
  if (network !== undefined && !kernel.network) faults.push('the network cannot be cut off here: unshare is missing or not permitted');
  return faults;
}

/** The command under its limits: each is set by a tool that becomes the next program, so that none stays beside it. */
export function limitedCommand(command: readonly string[], { memoryMb, cpus, network, seconds }: Resources, kernel: Kernel): string[] {
  const wrapped: string[] = [];
  if (kernel.memory) {
    // processor time ends even what outlived everybody who watched it
    const cpuSeconds = Math.ceil((seconds ?? 604_800) * (cpus ?? kernel.cpuCount)) + 60;
    wrapped.push('prlimit', '--core=0', `--cpu=${cpuSeconds}`, ...(memoryMb === undefined ? [] : [`--as=${memoryMb * 1_048_576}`]));
  }
  if (cpus !== undefined) wrapped.push('taskset', '-c', cpus === 1 ? '0' : `0-${cpus - 1}`);
  if (network === 'none') wrapped.push('unshare', '--map-root-user', '--net');
  return [...wrapped, ...command];
}
