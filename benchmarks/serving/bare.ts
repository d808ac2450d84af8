import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pin } from './affinity.js';
import type { Workload } from './workload.js';

export interface BareServer {
  readonly port: number;
  readonly pid: number;
  stop(): void;
}

/** Starts bare Fastify with onnxruntime on the models; batched runs together what arrives in one turn of the event loop. */
export async function startBare(
  folder: string,
  models: readonly Workload[],
  options: { isBatched: boolean; core: number | undefined; processes?: number },
): Promise<BareServer> {
  const files = models.map(({ modelName, model }) => {
    const path = join(folder, `${modelName}.onnx`);
    writeFileSync(path, model);
    return `${modelName}=${path}`;
  });
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    MODEL_FILES: files.join(),
    BATCHED: options.isBatched ? '1' : '',
    PROCESSES: String(options.processes ?? 1),
  };
  const program = fileURLToPath(new URL('./bare-server.js', import.meta.url));
  // a session of its own, as the gateway has: the scheduler shares out time by session
  const child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.resume();
  pin(child.pid!, options.core);
  return { port: Number(new URL(line.toString().trim()).port), pid: child.pid!, stop: () => child.stdin.end() };
}
