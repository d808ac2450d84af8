import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The pinned Node, which everything but these tools runs on. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');

/** The environment in which the workspace's programs are found first, the pinned Node among them. */
export function workspaceEnvironment(extra = {}) {
  return { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

/** The folder a command was typed in: npm runs its scripts in the repository and keeps it in INIT_CWD, also for what they start. */
export function callerFolder(env, cwd) {
  return (env.npm_lifecycle_event === 'bascule' && env.INIT_CWD) || cwd;
}

/** Runs a program in the repository and answers its exit code, 128 + n for a signal. Signals sent to us reach it. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: workspaceEnvironment(), ...options });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
    options.onSpawn?.(child);
  });
}

/** Runs a quiet step; its output is shown only when it fails. */
export async function runQuietly(what, program, args, options = {}) {
  let output = '';
  const code = await run(program, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    onSpawn: (child) => {
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    },
  });
  if (code !== 0) throw new Error(`${what} failed (exit code ${code}):\n${output.trim()}`);
  return output;
}
