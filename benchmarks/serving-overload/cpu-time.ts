import { readFileSync } from 'node:fs';
import { descendantsOf } from '@bascule/launcher';

const ticksPerSecond = 100;

/** Seconds of processor time that a process and its descendants have used; undefined where the system does not tell. */
export function cpuSeconds(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  let ticks = 0;
  for (const each of descendantsOf(pid)) {
    const text = readFileSync(`/proc/${each}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}
