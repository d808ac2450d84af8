import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sharedRoot } from './postgres-binaries.js';
import { isReachableByOthers } from './server-user.js';

/** Folders that hold data. */
const dataFolders = ['postgres', 'nats', 'objects', 'spill', 'logs'] as const;

const signingKey = 'signing-key.pem';

/** Where everything of one installation lies. */
export interface DataDirectory {
  /** What the user named; holds stack.json and keys.json. */
  readonly dir: string;
  /** Where the data is: the same folder, or one below /var/lib/bascule when root's PostgreSQL could not reach that. */
  readonly state: string;
  path(
    name:
      | (typeof dataFolders)[number]
      | 'lock'
      | 'pids'
      | 'secrets.json'
      | 'signing-key.pem'
      | 'nats.conf'
      | 'example.json'
      | 'example-steps.jsonl',
  ): string;
  readonly keysFile: string;
  readonly stackFile: string;
}

function stateOf(dir: string): string {
  // as root, PostgreSQL drops to a user of its own, who must be able to get to the data: not so below /root
  if (process.getuid?.() !== 0 || isReachableByOthers(dirname(dir))) return dir;
  return join(sharedRoot, createHash('sha256').update(dir).digest('hex').slice(0, 16));
}

/** Where the data of this directory is, without making anything. */
export function locateDataDirectory(named: string): DataDirectory {
  const dir = existsSync(named) ? realpathSync(named) : resolve(named);
  const state = stateOf(dir);
  return {
    dir,
    state,
    path: (name) => join(state, name),
    keysFile: join(dir, 'keys.json'),
    stackFile: join(dir, 'stack.json'),
  };
}

/** Makes the directory and its folders where they are missing. */
export function openDataDirectory(named: string): DataDirectory {
  mkdirSync(named, { recursive: true, mode: 0o700 });
  const directory = locateDataDirectory(named);
  const { dir, state } = directory;
  const mark = join(dir, 'installation');
  const markInState = join(state, 'installation');
  if (state !== dir) {
    // the folder the user sees was removed: what is left below /var/lib belongs to an installation that is gone
    if (existsSync(state) && !sameMark(mark, markInState)) rmSync(state, { recursive: true, force: true });
    mkdirSync(state, { recursive: true });
    chmodSync(sharedRoot, 0o755);
  }
  if (process.getuid?.() === 0) chmodSync(state, 0o711); // PostgreSQL's user may pass through to its folder, not look around
  if (!existsSync(markInState)) {
    const id = `${randomBytes(12).toString('hex')}\n`;
    writeFileSync(mark, id, { mode: 0o600 });
    if (state !== dir) writeFileSync(markInState, id, { mode: 0o600 });
  }
  for (const folder of dataFolders) {
    mkdirSync(join(state, folder), { recursive: true, mode: 0o700 });
    if (state !== dir && !existsSync(join(dir, folder))) {
      rmSync(join(dir, folder), { force: true }); // a link that leads nowhere
      symlinkSync(join(state, folder), join(dir, folder));
    }
  }
  return directory;
}

function sameMark(a: string, b: string): boolean {
  try {
    return readFileSync(a, 'utf8') === readFileSync(b, 'utf8');
  } catch {
    return false;
  }
}

/** Removes everything: data, keys and what a start wrote. */
export function removeDataDirectory(directory: DataDirectory): void {
  rmSync(directory.state, { recursive: true, force: true });
  rmSync(directory.dir, { recursive: true, force: true });
}

/** Moves the data aside, so that the next start begins with none; keys stay. What was set aside before is removed. */
export function setDataAside(directory: DataDirectory): string {
  const aside = join(directory.state, 'set-aside');
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o711 });
  // the key that signs the audit log goes with the log: two logs under one key would look like a fork
  for (const name of [...dataFolders, signingKey]) {
    if (existsSync(join(directory.state, name))) renameSync(join(directory.state, name), join(aside, name));
  }
  for (const file of ['example.json', 'example-steps.jsonl']) rmSync(join(directory.state, file), { force: true });
  return aside;
}
