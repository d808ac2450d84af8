import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, type StackOptions, startStack } from '@bascule/launcher';
import { compiledModules, removeFolder, temporaryFolder } from '@bascule/testing';
import pg from 'pg';

export type ServiceName = keyof Stack['info']['services'];
export type RoleName = keyof Stack['info']['keys'];

export interface PlayedStep {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

export interface Playing {
  /** Steps finished so far. */
  steps(): PlayedStep[];
  /** Resolves with all steps when the example ends. */
  readonly finished: Promise<PlayedStep[]>;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** A stack of its own in a throwaway folder, and the ways a black-box test looks at it. */
export interface Loop {
  readonly stack: Stack;
  /** Calls a service's public API as a role. */
  call<T>(service: ServiceName, role: RoleName, method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** Plays the example as a child process, all of it or up to a step. */
  play(until?: string): Playing;
  /** Every answer the example's claims system got, by its own journal. */
  journal(): { claimNumber: string; predictionId: string; modelVersion: string }[];
  /** Reads the database as its owner: the invariants are about what is stored. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const example = fileURLToPath(new URL('../examples/birdstrikes/dist/main.js', import.meta.url));

const linesOf = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as T)
    : [];

/** Starts everything. @throws when a service does not become ready */
export async function openLoop(options: Partial<StackOptions> = {}): Promise<Loop> {
  // BASCULE_E2E_KEEP names a folder in which the data and logs of every stack are kept for a look afterwards
  const keep = process.env['BASCULE_E2E_KEEP'];
  const folder = keep ? mkdtempSync(join(keep, 'loop-')) : temporaryFolder('e2e');
  if (keep) chmodSync(folder, 0o755);
  // ports below those that outgoing connections take by themselves, or one of them may sit on a port of ours
  const stack = await startStack({
    dataDir: join(folder, 'data'),
    firstPort: 10_000 + (process.pid % 20_000),
    ...options,
    env: { ...compiledModules, ...options.env },
  });
  // where the console looks for it too
  const stepsFile = stack.directory.path('example-steps.jsonl');
  const journalFile = join(folder, 'journal.jsonl');
  const { services, keys } = stack.info;
  return {
    stack,
    async call(service, role, method, path, body) {
      const answer = await fetch(services[service].url + path, {
        method,
        headers: { authorization: `Bearer ${keys[role]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as never };
    },
    play(until) {
      const child = spawn(process.execPath, until ? [example, '--until', until] : [example], {
        env: { ...process.env, BASCULE_STACK: stack.directory.stackFile, BASCULE_REPORT: stepsFile, BASCULE_JOURNAL: journalFile },
        stdio: 'ignore',
      });
      const steps = () => linesOf<PlayedStep>(stepsFile);
      return { steps, finished: new Promise((resolve) => child.once('exit', () => resolve(steps()))) };
    },
    journal: () => linesOf(journalFile),
    async query<Row>(text: string, values: unknown[] = []) {
      const client = new pg.Client({ connectionString: stack.database.ownerUrl });
      await client.connect();
      try {
        return (await client.query(text, values)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async close() {
      await stack.stop();
      if (!keep) removeFolder(folder);
    },
  };
}
