import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sharedRoot } from './postgres-binaries.js';
import { isReachableByOthers } from './server-user.js';

/** Folders that hold data. */
const dataFolders = ['postgres', 'nats', 'objects', 'spill', 'logs'] as const;

const signingKey = 'signing-key.pem';
const stateLink = 'state';

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
      | 'model-key.pem'
      | 'provenance-key.pem'
      | 'provenance-keys.pem'
      | 'webhook-keys'
      | 'nats.conf'
      | 'example.json'
      | 'example-steps.jsonl'
      | 'servers.json',
  ): string;
  readonly keysFile: string;
  readonly stackFile: string;
}

/** Where an earlier start put the data: rights of the folders above may have changed since. */
function rememberedState(dir: string): string | undefined {
  try {
    return resolve(dir, readlinkSync(join(dir, stateLink)));
  } catch {
    // a start before there was this link made one for each folder
  }
  try {
    const folder = join(dir, 'postgres');
    return lstatSync(folder).isSymbolicLink() ? dirname(readlinkSync(folder)) : dir;
  } catch {
    return undefined;
  }
}

function stateOf(dir: string): string {
  const elsewhere = join(sharedRoot, createHash('sha256').update(dir).digest('hex').slice(0, 16));
  const remembered = rememberedState(dir);
  // a copy of the folder brings the link to the data of the original along, which stays with that one
  if (remembered === dir || remembered === elsewhere) return remembered;
  // as root, PostgreSQL drops to a user of its own, who must be able to get to the data: not so below /root
  return process.getuid?.() !== 0 || isReachableByOthers(dirname(dir)) ? dir : elsewhere;
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
  if (!lstatSync(join(dir, stateLink), { throwIfNoEntry: false })) symlinkSync(state === dir ? '.' : state, join(dir, stateLink));
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

/** Names this installation for good; the servers it uses are marked with it. */
export function installationId(directory: DataDirectory): string {
  return readFileSync(join(directory.dir, 'installation'), 'utf8').trim();
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
  rmSync(directory.path('example.json'), { force: true });
  return aside;
}
