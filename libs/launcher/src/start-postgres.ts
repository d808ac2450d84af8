import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { endProcess, isRunning } from './child-process.js';
import { findFreePort } from './ports.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { findServerUser, makePrivateFolder, type ServerUser } from './server-user.js';

export interface PostgresOptions {
  /** Folder of the cluster; made when missing. Its parent holds the password file. */
  dataDir: string;
  port?: number;
  /** Leave out fsync: only for tests, where a crash of the machine loses nothing of worth. */
  isThrowaway?: boolean;
  settings?: Record<string, string>;
  onLog?: (text: string) => void;
  /** Called with each new server process, so that a supervisor can note its id. */
  onProcess?: (child: ChildProcess) => void;
}

export interface PostgresServer {
  readonly port: number;
  /** Connection URL of the owner, database `postgres`. */
  readonly url: string;
  readonly process: ChildProcess;
  urlOf(database: string): string;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
};
const throwawaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

async function runInitdb(initdb: string, dataDir: string, passwordFile: string, user: ServerUser | undefined): Promise<void> {
  const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'];
  const child = spawn(initdb, [`--pgdata=${dataDir}`, `--pwfile=${passwordFile}`, ...flags], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`initdb failed: ${output.trim()}`);
}

/** Makes the cluster when there is none yet; a half-made one is thrown away. Answers the owner's password. */
async function ensureCluster(binaries: PostgresBinaries, dataDir: string, user: ServerUser | undefined): Promise<string> {
  const passwordFile = join(dirname(dataDir), 'postgres-password');
  const marker = join(dirname(dataDir), 'postgres-ready');
  makePrivateFolder(dirname(dataDir), user);
  if (existsSync(marker)) return readFileSync(passwordFile, 'utf8').trim();
  rmSync(dataDir, { recursive: true, force: true });
  makePrivateFolder(dataDir, user);
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  await runInitdb(binaries.initdb, dataDir, passwordFile, user);
  writeFileSync(marker, '');
  return readFileSync(passwordFile, 'utf8').trim();
}

async function waitUntilAnswering(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (!isRunning(child)) throw new Error(`PostgreSQL stopped while starting: ${log()}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Starts a PostgreSQL of our own that listens on 127.0.0.1 only, with password authentication. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = findServerUser();
  const binaries = await findPostgresBinaries(user !== undefined);
  const password = await ensureCluster(binaries, options.dataDir, user);
  const port = options.port ?? (await findFreePort());
  const settings = { ...defaultSettings, ...(options.isThrowaway ? throwawaySettings : {}), ...options.settings };
  const urlOf = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;

  async function launch(): Promise<ChildProcess> {
    const args = [
      '-D',
      options.dataDir,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    for (let attempt = 1; ; attempt++) {
      let recent = '';
      const child = spawn(binaries.postgres, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true });
      child.stderr?.on('data', (chunk: Buffer) => {
        recent = (recent + chunk.toString()).slice(-2_000);
        options.onLog?.(chunk.toString());
      });
      try {
        await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
        options.onProcess?.(child);
        await waitUntilAnswering(urlOf('postgres'), child, () => recent);
        return child;
      } catch (error) {
        child.kill('SIGKILL');
        // the processes of a killed server need a moment to let go of its shared memory
        if (attempt >= 50 || !/shared memory block|postmaster\.pid/.test(recent)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  let child = await launch();
  return {
    port,
    url: urlOf('postgres'),
    urlOf,
    get process() {
      return child;
    },
    kill: () => endProcess(child, 'SIGKILL'),
    restart: async () => {
      await endProcess(child, 'SIGINT');
      child = await launch();
    },
    stop: () => endProcess(child, 'SIGINT'),
  };
}
