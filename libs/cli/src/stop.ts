import { isSameProcess } from '@bascule/launcher';
import type { Command } from 'commander';
import { CommandError, findStack } from './running-stack.js';

const patienceMs = 60_000;

/** `npm run bascule -- stop`: asks the launcher to stop everything and waits until it has. */
export function addStop(program: Command): void {
  program
    .command('stop')
    .description('stop the stack and wait until every process is gone')
    .action(async () => {
      const { directory, holder } = findStack(program.opts().data);
      if (!holder) {
        console.log(`no stack is running in ${directory.dir}`);
        return;
      }
      process.kill(holder.pid, 'SIGTERM');
      const deadline = Date.now() + patienceMs;
      while (isSameProcess(holder.pid, holder.start)) {
        if (Date.now() > deadline) throw new CommandError(`the launcher (process ${holder.pid}) has not stopped within a minute`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      console.log('stopped');
    });
}
