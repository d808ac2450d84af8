import { spawn } from 'node:child_process';
import { endStrays, taskMark } from './end-strays.js';

// Stands between the service and a program that is not ours, in a process group with it: when the service is gone, however
// it ended, nobody waits for the program any more. Standard input stays open as long as the service lives.
const [command, ...args] = process.argv.slice(2);
const endAll = () => {
  const end = () => process.kill(0, 'SIGKILL');
  endStrays(process.env[taskMark] ?? process.cwd()).then(end, end);
};
process.stdin.on('end', endAll).on('error', endAll).resume();
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) endAll();
}, 500).unref();

const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  process.stderr.write(`the program cannot be started: ${error.message}\n`, () => process.exit(127));
});
// a program that a signal ended has no exit code: this process ends the same way
child.once('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal === 'SIGXCPU' ? 'SIGKILL' : signal);
  else process.exit(code ?? 1);
});
