import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The operating system user PostgreSQL runs as. */
export interface ServerUser {
  uid: number;
  gid: number;
}

function lookUp(name: string): ServerUser | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function tryToCreate(command: string, args: string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    // another start may have made it first, or this system has another command: the look-up decides
  }
}

/** As root PostgreSQL must run as somebody else; undefined means the current user will do. */
export function findServerUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = lookUp('postgres');
  if (existing) return existing;
  tryToCreate('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  if (!lookUp('postgres')) tryToCreate('adduser', ['-S', '-D', '-H', 'postgres']);
  const user = lookUp('postgres') ?? lookUp('nobody');
  if (!user) throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as');
  return user;
}

/** The first folder on the way up that others cannot pass through. */
function closedFolder(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && (found.mode & 0o001) !== 0o001) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** @throws when root's PostgreSQL, which runs as another user, can no longer get to its data */
export function requireReachable(path: string): void {
  const closed = process.getuid?.() === 0 ? closedFolder(path) : undefined;
  if (closed !== undefined) throw new Error(`PostgreSQL's user can no longer get to ${path}. Type: chmod o+x ${closed}`);
}

/** Whether a user that is neither owner nor in the group can pass through this folder and all above it. */
export function isReachableByOthers(path: string): boolean {
  return closedFolder(path) === undefined;
}

/** Makes a folder that only the server's user can read. */
export function makePrivateFolder(path: string, user: ServerUser | undefined): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
  if (user) chownSync(path, user.uid, user.gid);
}
