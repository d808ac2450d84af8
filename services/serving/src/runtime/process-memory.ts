import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const pageBytes = 4_096;

/** Resident bytes of each process; one that has ended is left out. */
export async function residentBytes(pids: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  if (process.platform === 'linux') {
    for (const pid of pids) {
      const bytes = fromProc(pid);
      if (bytes !== undefined) found.set(pid, bytes);
    }
    return found;
  }
  if (pids.length === 0) return found;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')]).catch(() => ({ stdout: '' }));
  for (const line of stdout.trim().split('\n')) {
    const [pid, kilobytes] = line.trim().split(/\s+/).map(Number);
    if (pid && kilobytes) found.set(pid, kilobytes * 1_024);
  }
  return found;
}

/** When memory runs out, the system ends a model process rather than the gateway, where it can be told so. */
export function endFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '800');
  } catch {
    // not Linux, or the process has ended already
  }
}

function fromProc(pid: number): number | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return pages * pageBytes;
  } catch {
    return undefined;
  }
}
