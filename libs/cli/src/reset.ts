import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import {
  clearServers,
  type DataDirectory,
  endLeftovers,
  plannedRemovals,
  rememberedServers,
  removalStatements,
  removeDataDirectory,
  typedCommand,
} from '@bascule/launcher';
import type { Command } from 'commander';
import { CommandError, findStack } from './running-stack.js';

/** `npm run bascule -- reset`: removes all data and keys, so that the next start begins with nothing. */
export function addReset(program: Command): void {
  program
    .command('reset')
    .description('remove all data and keys of a stack that is stopped, on your own servers too')
    .option('-y, --yes', 'do not ask')
    .option('--folder-only', 'leave your own servers alone')
    .action(async (options: { yes?: boolean; folderOnly?: boolean }) => {
      const { directory, holder } = findStack(program.opts().data);
      const { dir } = directory;
      if (holder) throw new CommandError(`a stack is running in ${dir}. Stop it first: ${typedCommand('stop', dir)}`);
      if (!existsSync(dir)) {
        console.log(`there is nothing in ${dir}`);
        return;
      }
      if (!existsSync(`${dir}/installation`)) throw new CommandError(`${dir} is not a data directory of Bascule; nothing was removed`);
      const withServers = !options.folderOnly;
      console.log(['This removes', `  all data and keys in ${dir}`, ...(withServers ? serverLines(directory) : [])].join('\n'));
      if (!options.yes && !(await isConfirmed(dir))) {
        console.log('nothing was removed');
        return;
      }
      await endLeftovers(directory.path('pids'));
      if (withServers) await clear(directory);
      removeDataDirectory(directory);
      console.log(`removed ${dir}`);
    });
}

const serverLines = (directory: DataDirectory) => plannedRemovals(rememberedServers(directory)).map((line) => `  ${line}`);

/** Clears the user's servers before the folder goes, because only the folder knows where they are. */
async function clear(directory: DataDirectory): Promise<void> {
  const servers = rememberedServers(directory);
  try {
    const { cleared, leftAlone } = await clearServers(directory);
    for (const server of cleared) console.log(`cleared ${server}`);
    for (const server of leftAlone) console.log(`left alone: ${server} is not marked as that of this folder`);
  } catch (error) {
    throw new CommandError(
      [
        `nothing was removed in ${directory.dir}: ${(error as Error).message}`,
        'Try again when your servers can be reached, or clear them by hand and then remove the folder alone:',
        ...removalStatements(servers).map((line) => `  ${line}`),
        `  ${typedCommand('reset --folder-only', directory.dir)}`,
      ].join('\n'),
    );
  }
}

async function isConfirmed(dir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError(`nothing was removed. Without a terminal, type: ${typedCommand('reset --yes', dir)}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Type yes to go on: ');
  terminal.close();
  return answer.trim() === 'yes';
}
