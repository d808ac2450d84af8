import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the operator's tool as a process of its own, as an operator does. */
export function runCli(dataDir: string, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [main, '--data', dataDir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome: Outcome = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (outcome.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outcome.err += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...outcome, code })));
}
