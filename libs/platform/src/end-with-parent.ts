import { Worker } from 'node:worker_threads';

const program = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
  }, workerData.everyMs);`;

const everyMs = 500;
/** A heap of its own is what a thread costs: about 10 MB of memory in all, of which the limits below are the part that could grow. */
const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 1, stackSizeMb: 1 };

/**
 * Ends this process soon after the one that started it, however that one ended and whatever this one does then: a main
 * thread inside native code or a long loop never hears that its pipe was closed, a thread beside it does not need to.
 */
export function endWithParent(): void {
  const thread = new Worker(program, { eval: true, execArgv: [], env: {}, resourceLimits, workerData: { parent: process.ppid, everyMs } });
  // without it the process still ends with its parent whenever its main thread is free
  thread.on('error', () => undefined);
  thread.unref();
}
