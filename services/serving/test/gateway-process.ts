import { fileURLToPath } from 'node:url';
import { type ServiceProcess, spawnService } from '@bascule/testing';
import type { ServingStack } from './serving-stack.js';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A gateway as a process of its own, without a database, that a test can kill. */
export function spawnGateway(stack: ServingStack, spillDir: string, settings: Record<string, string> = {}): Promise<ServiceProcess> {
  const gateway = { NATS_URL: stack.nats.url, OBJECT_ROOT: stack.objectRoot, SPILL_DIR: spillDir, SERVING_ROLES: 'gateway' };
  return spawnService(program, { env: { ...gateway, ...settings } });
}
