import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@bascule/testing';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The service as a process of its own, with the heap of a deployed one. */
export async function spawnIngestion(env: Record<string, string>): Promise<{ url: string; child: ChildProcess; kill(): Promise<void> }> {
  const flags = ['--max-semi-space-size=8', '--max-old-space-size=384'];
  const child = spawn(process.execPath, [...flags, main], {
    env: { ...process.env, ...env, PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (text: Buffer) => {
    if (log.length < 100_000) log += text.toString();
  });
  const listening = async () =>
    /"url":"([^"]+)"[^\n]*"listening"|"listening"[^\n]*"url":"([^"]+)"/.exec(log)?.slice(1).find(Boolean) ?? false;
  const url = String(await eventually(listening, { timeoutMs: 60_000 }));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url, child, kill };
}
