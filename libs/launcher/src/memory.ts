import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  name: string;
  pid: number;
  /** Proportional share of memory, with all descendants; resident size where the system does not tell it. */
  bytes: number;
}

function parentsOnLinux(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it ended while we looked
    }
  }
  return parents;
}

// a process that is measured under its own name does not count for its parent as well
function withDescendants(pid: number, parents: ReadonlyMap<number, number>, named: ReadonlySet<number>): number[] {
  const children = [...parents].filter(([child, parent]) => parent === pid && !named.has(child)).map(([child]) => child);
  return [pid, ...children.flatMap((child) => withDescendants(child, parents, named))];
}

/** A process and all it has started, as far as they still run. Linux only. */
export function descendantsOf(pid: number): number[] {
  return withDescendants(pid, parentsOnLinux(), new Set());
}

function pssBytes(pid: number): number {
  try {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Memory of each named process together with its descendants. */
export function measureMemory(processes: readonly { name: string; pid: number }[]): ProcessMemory[] {
  if (process.platform === 'linux') {
    const parents = parentsOnLinux();
    const named = new Set(processes.map(({ pid }) => pid));
    return processes.map(({ name, pid }) => ({
      name,
      pid,
      bytes: withDescendants(pid, parents, named).reduce((sum, each) => sum + pssBytes(each), 0),
    }));
  }
  return processes.map(({ name, pid }) => ({
    name,
    pid,
    bytes: Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) * 1024,
  }));
}
