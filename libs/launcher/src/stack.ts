import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireSameServers, requireSigningKey } from './claim-servers.js';
import { type DataDirectory, openDataDirectory } from './data-directory.js';
import { Keeper } from './keeper.js';
import { isLock, type Lock, waitForLock } from './lock-file.js';
import { measureMemory, type ProcessMemory } from './memory.js';
import { runMigrations } from './migrations.js';
import { PortReservations } from './port-reservations.js';
import { shareProvenanceKey } from './provenance-key.js';
import { waitUntilReady } from './readiness.js';
import { endLeftovers, Reaper } from './reaper.js';
import { readPasswords, readRoleKeys, writePrivately } from './secrets-file.js';
import { type Broker, type Database, startBroker, startDatabase } from './servers.js';
import { environmentOf, type PlannedProcess, planProcesses, type Surroundings } from './service-plan.js';
import { rotateLog, spawnService, tailOf } from './service-process.js';
import { stackFileOf } from './stack-description.js';
import type { StackFile } from './stack-file.js';
import { typedCommand } from './typed-command.js';

export interface StackOptions {
  dataDir: string;
  firstPort?: number;
  replicas?: Partial<Record<string, number>>;
  /** Besides production, each with a gateway of its own. */
  environments?: readonly string[];
  /** Environment for all services on top of what the launcher sets. */
  env?: Record<string, string>;
  /** The user's own servers instead of private ones. */
  natsUrl?: string;
  databaseUrl?: string;
  /** Called once the directory is ours alone and nothing runs in it. */
  prepare?: (directory: DataDirectory) => void;
  tell?: (text: string) => void;
  signal?: AbortSignal;
}

export interface Stack {
  /** What stack.json says. */
  readonly info: StackFile;
  readonly directory: DataDirectory;
  /** Milliseconds from the start to each milestone. */
  readonly timings: Readonly<Record<'servers' | 'migrated' | 'ready', number>>;
  readonly database: Database;
  readonly broker: Broker;
  processes(): { name: string; pid: number }[];
  /** Has a process of somebody else's end with the stack, also when the launcher is killed. */
  note(name: string, child: ChildProcess): void;
  /** Ends a process (`serving-1`, `nats`, `postgres`) at once, as a crash would; the launcher starts it again. */
  kill(name: string): Promise<void>;
  /** Kills it and keeps it down until `release`. */
  hold(name: string): Promise<void>;
  release(name: string): Promise<void>;
  /** Waits until every service says it is ready. */
  ready(timeoutMs?: number): Promise<void>;
  memory(): ProcessMemory[];
  stop(): Promise<void>;
}

/** Somebody else runs a stack in this directory. */
export class AlreadyRunning extends Error {}

const readyTimeoutMs = 120_000;
const serviceStopMs = 20_000;
const lettingGoMs = 45_000;

async function lockDirectory(directory: DataDirectory, tell: (text: string) => void): Promise<Lock> {
  const onWait = () => tell('waiting for the stack that is stopping here');
  const outcome = await waitForLock(directory.path('lock'), lettingGoMs, onWait);
  if (isLock(outcome)) return outcome;
  throw new AlreadyRunning(
    `${directory.dir} is in use by a stack that is up since ${outcome.since} (process ${outcome.pid}). ` +
      `Stop it with: ${typedCommand('stop', directory.dir)}   or start another one with: npm start -- --data DIR`,
  );
}

/** Starts servers, migrates, starts the services and waits until all are ready. On failure nothing is left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const startedAt = performance.now();
  const since = () => Math.round(performance.now() - startedAt);
  const tell = options.tell ?? (() => {});
  const directory = openDataDirectory(options.dataDir);
  const lock = await lockDirectory(directory, tell);
  const ports = new PortReservations(options.firstPort ?? 4000);
  const reaper = new Reaper(directory.path('pids'));
  const servers: { database?: Database; broker?: Broker } = {};
  const keepers = new Map<string, Keeper>();

  async function stop(): Promise<void> {
    lock.announceRelease();
    await Promise.all([...keepers.values()].map((keeper) => keeper.stop()));
    await servers.broker?.keeper?.stop();
    await servers.database?.keeper?.stop();
    rmSync(directory.stackFile, { force: true });
    reaper.stop();
    ports.release();
    lock.release();
  }

  try {
    const ended = await endLeftovers(directory.path('pids'));
    if (ended > 0) tell(`ended ${ended} processes of a stack that had been killed`);
    options.prepare?.(directory);
    openDataDirectory(options.dataDir); // what was set aside is made anew
    reaper.start();
    requireSameServers(directory, options);
    const keys = readRoleKeys(directory.keysFile);
    const passwords = readPasswords(directory.path('secrets.json'));
    const planned = await planProcesses(options.replicas ?? {}, () => ports.take(), options.environments);
    const context = { directory, passwords, reaper, takePort: () => ports.take(), tell };
    const starting = [startBroker(context, options.natsUrl), startDatabase(context, options.databaseUrl)] as const;
    await Promise.allSettled([
      starting[0].then((broker) => (servers.broker = broker)),
      starting[1].then((database) => (servers.database = database)),
    ]);
    const [broker, database] = await Promise.all(starting);
    const serversMs = since();
    tell(`PostgreSQL and NATS are up (${(serversMs / 1000).toFixed(1)} s)`);
    options.signal?.throwIfAborted();
    await requireSigningKey(directory, database.ownerUrl);
    shareProvenanceKey(directory.path('provenance-key.pem'), directory.path('provenance-keys.pem'));
    await runMigrations(database.ownerUrl, passwords.database);
    const migratedMs = since();
    tell(`six schemas are migrated (${(migratedMs / 1000).toFixed(1)} s)`);
    options.signal?.throwIfAborted();

    const surroundings: Surroundings = {
      natsUrl: broker.urlOf,
      databaseUrl: database.urlOf,
      objectsDir: directory.path('objects'),
      spillDir: directory.path('spill'),
      keysFile: directory.keysFile,
      signingKeyFile: directory.path('signing-key.pem'),
      modelKeyFile: directory.path('model-key.pem'),
      provenanceKeyFile: directory.path('provenance-key.pem'),
      provenanceKeysFile: directory.path('provenance-keys.pem'),
      webhookKeyFile: directory.path('webhook-keys'),
      exampleStepsFile: directory.path('example-steps.jsonl'),
      extra: options.env ?? {},
    };
    const logOf = ({ name }: PlannedProcess) => join(directory.path('logs'), `${name}.log`);
    for (const process of planned) {
      const logFile = logOf(process);
      rotateLog(logFile);
      const keeper = new Keeper({
        name: process.name,
        stopSignal: 'SIGTERM',
        stopTimeoutMs: serviceStopMs,
        tell,
        launch: async () => {
          const child = await spawnService({ ...process, env: environmentOf(process, planned, surroundings), logFile });
          reaper.note(process.name, 1, 'TERM', child);
          return child;
        },
      });
      keepers.set(process.name, keeper);
      await keeper.start();
    }
    const ready = async (timeoutMs: number, restartsAllowed = Number.POSITIVE_INFINITY) => {
      await Promise.all(
        planned.map(async (process) => {
          const keeper = keepers.get(process.name)!;
          const before = keeper.restarts;
          const whyNot = () => {
            if (options.signal?.aborted) return 'interrupted';
            return keeper.restarts - before > restartsAllowed ? 'it ends again and again' : undefined;
          };
          await waitUntilReady(`http://127.0.0.1:${process.adminPort}`, timeoutMs, whyNot).catch((error: Error) => {
            throw new Error(`${process.name} did not become ready: ${error.message}\n${tailOf(logOf(process))}`);
          });
        }),
      );
    };
    await ready(readyTimeoutMs, 2);
    const timings = { servers: serversMs, migrated: migratedMs, ready: since() };
    const info = stackFileOf({ planned, broker, database, keys, readyMs: timings.ready });
    writePrivately(directory.stackFile, info);

    const keeperOf = (name: string): Keeper => {
      const keeper = { nats: broker.keeper, postgres: database.keeper }[name] ?? keepers.get(name);
      if (!keeper) throw new Error(`there is no process ${name}; there are: ${['nats', 'postgres', ...keepers.keys()].join(', ')}`);
      return keeper;
    };
    const allKeepers = () => [broker.keeper, database.keeper, ...keepers.values()].filter((keeper) => keeper !== undefined);
    const processes = () => allKeepers().flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
    return {
      info,
      directory,
      timings,
      database,
      broker,
      processes,
      note: (name, child) => reaper.note(name, 1, 'TERM', child),
      kill: (name) => keeperOf(name).kill(),
      hold: (name) => keeperOf(name).hold(),
      release: (name) => keeperOf(name).release(),
      ready: (timeoutMs = 60_000) => ready(timeoutMs),
      memory: () => measureMemory([...processes(), { name: 'launcher', pid: process.pid }]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
