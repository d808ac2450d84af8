import type { ChildProcess } from 'node:child_process';
import { testReaper } from './temporary-folder.js';

/** Sees to it that a server ends with the test process, also when that is killed. */
export function endWithUs(name: 'postgres' | 'nats'): (child: ChildProcess) => void {
  return (child) => testReaper().reaper.note(name, 2, name === 'postgres' ? 'INT' : 'TERM', child);
}
