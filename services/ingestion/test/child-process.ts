import { fileURLToPath } from 'node:url';
import { type ServiceProcess, spawnService } from '@bascule/testing';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The service as a process of its own, with the heap of a deployed one. */
export function spawnIngestion(env: Record<string, string>): Promise<ServiceProcess> {
  return spawnService(main, { env, flags: ['--max-semi-space-size=8', '--max-old-space-size=384'] });
}
