import { type DataDirectory, type LockHolder, locateDataDirectory, lockHolder, readStackFile, type StackFile } from '@bascule/launcher';

/** Something the operator can put right; its message is all that is shown. */
export class CommandError extends Error {}

export interface FoundStack {
  readonly directory: DataDirectory;
  readonly holder: LockHolder | undefined;
  readonly info: StackFile | undefined;
}

/** What there is in a data directory: perhaps a stack that is up, perhaps one that is starting, perhaps nothing. */
export function findStack(dir: string): FoundStack {
  const directory = locateDataDirectory(dir);
  const holder = lockHolder(directory.path('lock'));
  return { directory, holder, info: holder ? readStackFile(directory.stackFile) : undefined };
}

/**
 * The stack that is up in this directory.
 * @param option names the directory on the command line
 * @throws a message for the operator when there is none
 */
export function requireStack(dir: string, option = '--data'): FoundStack & { holder: LockHolder; info: StackFile } {
  const { directory, holder, info } = findStack(dir);
  if (!holder)
    throw new CommandError(`no stack is running in ${directory.dir}. Start one with: npm start   (or name its folder with ${option} DIR)`);
  if (!info) throw new CommandError(`the stack in ${directory.dir} is still starting or already stopping; try again in a moment`);
  return { directory, holder, info };
}
