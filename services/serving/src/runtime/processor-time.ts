import { readFileSync } from 'node:fs';

/** Of the clock in which Linux tells programs what time they have used. */
const ticksPerSecond = 100;

/** Milliseconds for which the threads of a process have run, in steps of ten; undefined where the system does not tell. */
export function processorMs(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // behind the name, which may hold spaces and brackets
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? (ticks * 1_000) / ticksPerSecond : undefined;
  } catch {
    return undefined;
  }
}
