import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder whose services, example and migrations are started: the repository, unless a test names another. */
export const repositoryRoot = process.env['BASCULE_ROOT'] ?? dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const largestLogBytes = 20_000_000;

/** A small young generation costs a few more collections and saves tens of megabytes per process. */
const heapFlags: Record<string, string[]> = {
  default: ['--max-semi-space-size=4', '--max-old-space-size=384'],
  console: ['--max-semi-space-size=2', '--max-old-space-size=128'],
  // millions of short-lived rows: less costs collections, more costs three times itself in memory
  ingestion: ['--max-semi-space-size=8', '--max-old-space-size=384'],
  // thousands of inferences a second: a tenth of a gateway's time
  serving: ['--min-semi-space-size=16', '--max-semi-space-size=16', '--max-old-space-size=384'],
};

/**
 * The allocator of glibc keeps what each thread once needed, up to eight times the number of cores; and large buffers that were freed, unless
 * told that they are to be given back.
 */
const environment: Record<string, Record<string, string>> = {
  ingestion: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '1048576' },
};

/** Of our own code only: with `--enable-source-maps` each process also reads those of all packages, ten megabytes. */
const sourceMapsLoader =
  'data:text/javascript,import{setSourceMapsSupport}from"node:module";setSourceMapsSupport(true,{nodeModules:false})';

export interface ServiceProcess {
  name: string;
  service: string;
  env: Record<string, string>;
  logFile: string;
}

/** Starts one service as a process of its own group, its output going to its log file. */
export async function spawnService({ service, env, logFile }: ServiceProcess): Promise<ChildProcess> {
  const main = join(repositoryRoot, 'services', service, 'dist', 'main.js');
  if (!existsSync(main)) throw new Error(`services/${service} is not built: type npm run build`);
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const flags = [...(heapFlags[service] ?? heapFlags['default']!), '--import', sourceMapsLoader];
  const child = spawn(process.execPath, [...flags, main], {
    cwd: repositoryRoot,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      LANG: 'C.UTF-8',
      NODE_ENV: 'production',
      ...environment[service],
      ...env,
    },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return child;
}

/** Begins a new log when the old one has grown large; one old one is kept. */
export function rotateLog(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > largestLogBytes) renameSync(logFile, `${logFile}.1`);
}

/** The end of a log, for the message when a service does not come up. */
export function tailOf(logFile: string, lines = 15): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
