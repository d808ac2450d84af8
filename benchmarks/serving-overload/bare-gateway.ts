import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pin } from '../serving/affinity.js';
import type { Gateway } from '../serving/gateway.js';
import type { Workload } from '../serving/workload.js';

export interface BareGateway extends Gateway {
  stop(): void;
}

/** Starts a bare gateway of one model, which refuses what comes while `mostRows` rows wait. */
export async function startBareGateway(
  folder: string,
  { modelName, model }: Workload,
  options: { mostRows: number; core: number | undefined },
): Promise<BareGateway> {
  const file = join(folder, `bare-${modelName}.onnx`);
  writeFileSync(file, model);
  const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', MODEL_FILE: file, MOST_ROWS: String(options.mostRows) };
  const program = fileURLToPath(new URL('./bare-gateway.main.js', import.meta.url));
  // heap and session as the gateway has them: the scheduler shares out time by session
  const flags = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
  const child = spawn(process.execPath, [...flags, program], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.resume();
  pin(child.pid!, options.core);
  return { port: Number(line.toString()), pid: child.pid!, stop: () => child.stdin.end() };
}
