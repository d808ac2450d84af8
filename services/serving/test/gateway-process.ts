import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledModules } from '@bascule/testing';
import type { ServingStack } from './serving-stack.js';

/** A gateway as a process of its own, without a database, that a test can kill. */
export async function spawnGateway(
  stack: ServingStack,
  spillDir: string,
  settings: Record<string, string> = {},
): Promise<{ url: string; adminUrl: string; grpcUrl: string; pid: number; kill(signal?: NodeJS.Signals): Promise<number | null> }> {
  const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const env = {
    PATH: process.env['PATH'],
    NATS_URL: stack.nats.url,
    OBJECT_ROOT: stack.objectRoot,
    SPILL_DIR: spillDir,
    SERVING_ROLES: 'gateway',
    ...compiledModules,
    ...settings,
  };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let grpcUrl = '';
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { msg?: string; url?: string; adminUrl?: string; grpcUrl?: string };
    grpcUrl = entry.grpcUrl ?? grpcUrl;
    if (entry.msg === 'listening' && entry.url && entry.adminUrl) {
      return { url: entry.url, adminUrl: entry.adminUrl, grpcUrl, pid: child.pid!, kill: (signal = 'SIGKILL') => end(child, signal) };
    }
  }
  throw new Error('the gateway ended before it listened');
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.kill(signal);
  child.stdout?.resume();
  return ended;
}
