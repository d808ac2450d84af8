import { readdir, readFile } from 'node:fs/promises';

/** Names the folder of a task to all that is started in it: what leaves the process group keeps its environment. */
export const taskMark = 'BASCULE_TASK_FOLDER';

/** Those found may start others before they end. */
const mostRounds = 5;

/** Whether an environment, as the kernel shows it, is that of a task. */
export function belongsTo(environment: string, folder: string): boolean {
  return environment.split('\0').includes(`${taskMark}=${folder}`);
}

/** Kills every process of a task that is still there, in whatever group or session; where the kernel does not show environments, none. */
export async function endStrays(folder: string): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const strays = await straysOf(folder);
    for (const pid of strays) kill(pid);
    if (strays.length === 0) return;
  }
}

async function straysOf(folder: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const strays: number[] = [];
  for (const pid of pids) {
    // another user's, or gone by now
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (belongsTo(environment, Buffer.from(folder).toString('latin1'))) strays.push(pid);
  }
  return strays;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
