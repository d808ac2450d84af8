import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { descendantsOf } from '@bascule/launcher';

/** Core of the servers and core of the load generator; undefined where processes cannot be pinned or there is one core only. */
export function chooseCores(): { server: number; load: number } | undefined {
  if (process.platform !== 'linux' || availableParallelism() < 2) return undefined;
  try {
    const list = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
    const allowed = list
      .slice(list.lastIndexOf(':') + 1)
      .trim()
      .split(',')
      .flatMap((range) => {
        const [first, last = first] = range.split('-').map(Number);
        return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
      });
    return allowed.length < 2 ? undefined : { server: allowed[0]!, load: allowed[1]! };
  } catch {
    return undefined;
  }
}

/** Keeps a process with all its threads and descendants on one core. */
export function pin(pid: number, core: number | undefined): void {
  if (core === undefined) return;
  for (const each of descendantsOf(pid)) execFileSync('taskset', ['-acp', String(core), String(each)], { stdio: 'ignore' });
}
