import { serviceNames } from '@bascule/contracts';
import type { RoleKeys } from './secrets-file.js';
import type { Broker, Database } from './servers.js';
import { endpointOf, type PlannedProcess } from './service-plan.js';
import type { StackFile } from './stack-file.js';

interface Facts {
  planned: readonly PlannedProcess[];
  broker: Broker;
  database: Database;
  keys: RoleKeys;
  readyMs: number;
}

/** What stack.json says about a stack that is up. */
export function stackFileOf({ planned, broker, database, keys, readyMs }: Facts): StackFile {
  const { url, adminUrl } = endpointOf('console', planned);
  const environments = planned.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
  return {
    services: Object.fromEntries(serviceNames.map((name) => [name, endpointOf(name, planned)])) as StackFile['services'],
    ...(environments.length === 0
      ? {}
      : { environments: Object.fromEntries(environments.map((name) => [name, endpointOf('serving', planned, name)])) }),
    console: { url, adminUrl },
    nats: { url: broker.operatorUrl },
    postgres: { url: database.ownerUrl },
    keys,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    readyMs,
  };
}
