import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { endLeftovers, removeDataDirectory } from '@bascule/launcher';
import type { Command } from 'commander';
import { CommandError, findStack } from './running-stack.js';

/** `npm run bascule -- reset`: removes all data and keys, so that the next start begins with nothing. */
export function addReset(program: Command): void {
  program
    .command('reset')
    .description('remove all data and keys of a stack that is stopped')
    .option('-y, --yes', 'do not ask')
    .action(async (options: { yes?: boolean }) => {
      const { directory, holder } = findStack(program.opts().data);
      if (holder) throw new CommandError(`a stack is running in ${directory.dir}. Stop it first: npm run bascule -- stop`);
      if (!existsSync(directory.dir)) {
        console.log(`there is nothing in ${directory.dir}`);
        return;
      }
      if (!existsSync(`${directory.dir}/installation`))
        throw new CommandError(`${directory.dir} is not a data directory of Bascule; nothing was removed`);
      if (!options.yes && process.stdin.isTTY && !(await isConfirmed(directory.dir))) {
        console.log('nothing was removed');
        return;
      }
      await endLeftovers(directory.path('pids'));
      removeDataDirectory(directory);
      console.log(`removed ${directory.dir}`);
    });
}

async function isConfirmed(dir: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Remove all data and keys in ${dir}? Type yes: `);
  terminal.close();
  return answer.trim() === 'yes';
}
