import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Reaper } from '@bascule/launcher';
import { temporaryFolder } from './temporary-folder.js';

let reaper: Reaper | undefined;

/** Sees to it that a server ends with the test process, also when that is killed. */
export function endWithUs(name: string): (child: ChildProcess) => void {
  if (!reaper) {
    reaper = new Reaper(join(temporaryFolder('reaper'), 'pids'));
    reaper.start();
  }
  const own = reaper;
  return (child) => own.note(name, 2, name === 'postgres' ? 'INT' : 'TERM', child);
}
