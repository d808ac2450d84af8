import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceNames } from '@bascule/contracts';
import { eventually, temporaryFolder } from '@bascule/testing';
import { locateDataDirectory } from '../src/data-directory.js';
import { startOf } from '../src/process-identity.js';
import { readStackFile, type StackFile } from '../src/stack-file.js';

const service = `
import { createServer } from 'node:http';
const listen = (port, answer) => createServer((request, response) => response.end(answer)).listen(Number(port), process.env.HOST);
listen(process.env.ADMIN_PORT, '{}');
listen(process.env.PORT, JSON.stringify({ pid: process.pid, service: process.env.DATABASE_URL ?? '' }));
process.on('SIGTERM', () => process.exit(0));
`;
const example = `
import { appendFileSync, readFileSync } from 'node:fs';
const { services, keys } = JSON.parse(readFileSync(process.env.BASCULE_STACK, 'utf8'));
const held = process.env.EXAMPLE_HOLDS !== 'no';
const answer = await fetch(services.registry.url);
appendFileSync(process.env.BASCULE_REPORT, JSON.stringify({ name: 'ask', ok: held && answer.ok, ms: 1, detail: keys.client.slice(0, 4) }) + '\\n');
if (process.env.EXAMPLE_HOLDS === 'waits') await new Promise((resolve) => setTimeout(resolve, 600_000));
process.exit(held ? 0 : 1);
`;

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A folder laid out like the repository, with services that only say they are ready. */
export function fakeInstallation(): string {
  const root = temporaryFolder('installation');
  write(join(root, 'package.json'), '{"type":"module"}');
  for (const name of [...serviceNames, 'console']) write(join(root, 'services', name, 'dist', 'main.js'), service);
  for (const name of serviceNames) write(join(root, 'services', name, 'dist', 'migrations', 'index.js'), 'export const migrations = [];');
  write(join(root, 'examples', 'birdstrikes', 'dist', 'main.js'), example);
  return root;
}

export interface RunningLauncher {
  readonly child: ChildProcess;
  readonly dir: string;
  output(): string;
  /** Resolves when the stack is up. */
  up(): Promise<StackFile>;
  /** Ids of the processes it has started. */
  pids(): number[];
  readonly ended: Promise<number | null>;
}

/** Starts the launcher as a user would, in a folder of its own unless one is named. */
export function launch(root: string, args: string[], env: Record<string, string> = {}, dir = join(root, '.bascule')): RunningLauncher {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  // below the ports that outgoing connections take by themselves, or one of them may sit on a port of ours
  const child = spawn(process.execPath, [main, '--data', dir, '--port', String(10_000 + (process.pid % 20_000)), ...args], {
    cwd: root,
    env: { ...process.env, BASCULE_ROOT: root, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stackFile = join(dir, 'stack.json');
  return {
    child,
    dir,
    output: () => output,
    up: () =>
      eventually(
        () => {
          if (child.exitCode !== null) throw new Error(`the launcher ended: ${output}`);
          const info = existsSync(stackFile) ? readStackFile(stackFile) : undefined;
          return info?.pid === child.pid && info;
        },
        { timeoutMs: 60_000 },
      ) as Promise<StackFile>,
    pids: () =>
      readFileSync(locateDataDirectory(dir).path('pids'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(' owner'))
        .map((line) => Number(line.split(' ')[0])),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}

/** Waits until none of these processes is left. */
export function allGone(pids: readonly number[]): Promise<unknown> {
  return eventually(() => pids.every((pid) => startOf(pid) === undefined), { timeoutMs: 30_000 });
}
