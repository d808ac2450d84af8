import { type ServiceName, serviceNames } from '@bascule/contracts';
import { isForAnother } from './own-settings.js';
import type { Endpoint } from './stack-file.js';

/** One process to run. */
export interface PlannedProcess {
  /** `serving-1`: also the name of its log file. */
  name: string;
  service: ServiceName | 'console';
  port: number;
  adminPort: number;
  grpcPort?: number;
  /** Of a gateway that serves another environment than production. */
  environment?: string;
}

/** What all processes have in common. */
export interface Surroundings {
  natsUrl: (service: ServiceName | 'console') => string;
  databaseUrl: (service: ServiceName) => string;
  objectsDir: string;
  spillDir: string;
  keysFile: string;
  signingKeyFile: string;
  modelKeyFile: string;
  /** Signs what models were made from. */
  provenanceKeyFile: string;
  /** The public halves, which the registry trusts. */
  provenanceKeysFile: string;
  /** Encrypts the secrets of webhooks. */
  webhookKeyFile: string;
  exampleStepsFile: string;
  extra: Record<string, string>;
}

/**
 * Decides which processes there are and which ports they get, the console first because people type its address.
 * @param environments besides production, each with a gateway of its own
 */
export async function planProcesses(
  replicas: Partial<Record<string, number>>,
  takePort: () => Promise<number>,
  environments: readonly string[] = [],
): Promise<PlannedProcess[]> {
  const planned: PlannedProcess[] = [{ name: 'console-1', service: 'console', port: await takePort(), adminPort: 0 }];
  for (const service of serviceNames) {
    for (let number = 1; number <= (replicas[service] ?? 1); number++) {
      planned.push({ name: `${service}-${number}`, service, port: await takePort(), adminPort: 0 });
    }
  }
  for (const environment of environments) {
    planned.push({ name: `serving-${environment}`, service: 'serving', port: await takePort(), adminPort: 0, environment });
  }
  for (const process of planned) {
    if (process.service === 'serving') process.grpcPort = await takePort();
  }
  for (const process of planned) process.adminPort = await takePort();
  return planned;
}

const http = (port: number) => `http://127.0.0.1:${port}`;

/** Where one service answers, over all its replicas; of serving: those of one environment, production when none is named. */
export function endpointOf(service: ServiceName | 'console', planned: readonly PlannedProcess[], environment?: string): Endpoint {
  const own = planned.filter((process) => process.service === service && process.environment === environment);
  const urls = own.map(({ port }) => http(port));
  const adminUrls = own.map(({ adminPort }) => http(adminPort));
  const grpcUrls = own.flatMap(({ grpcPort }) => (grpcPort === undefined ? [] : [http(grpcPort)]));
  return { url: urls[0]!, urls, adminUrl: adminUrls[0]!, adminUrls, ...(grpcUrls.length > 0 ? { grpcUrl: grpcUrls[0]!, grpcUrls } : {}) };
}

/** The environment of one process. */
export function environmentOf(planned: PlannedProcess, all: readonly PlannedProcess[], surroundings: Surroundings): Record<string, string> {
  const { service, name } = planned;
  const common: Record<string, string> = {
    HOST: '127.0.0.1',
    PORT: String(planned.port),
    ADMIN_PORT: String(planned.adminPort),
    NATS_URL: surroundings.natsUrl(service),
    LOG_LEVEL: 'info',
    OTEL_TRACES_EXPORTER: 'none',
    ...surroundings.extra,
  };
  for (const setting of Object.keys(common)) if (isForAnother(setting, service)) delete common[setting];
  if (service === 'console') return { ...common, ...neighbours(all), EXAMPLE_REPORT: surroundings.exampleStepsFile };
  const own = { ...common, DATABASE_URL: surroundings.databaseUrl(service), OBJECT_ROOT: surroundings.objectsDir };
  if (service === 'serving') {
    const gateway = {
      // whoever has a receipt checks it with the key that any gateway shows
      RECEIPT_KEY_FILE: `${surroundings.spillDir}/serving-1/receipt.key`,
      ...own,
      GRPC_PORT: String(planned.grpcPort),
      SPILL_DIR: `${surroundings.spillDir}/${name}`,
    };
    if (planned.environment === undefined) return { ...gateway, SERVING_ROLES: 'control,gateway' };
    return { ...gateway, SERVING_ROLES: 'gateway', SERVING_ENVIRONMENT: planned.environment };
  }
  if (service === 'registry') return { ...environmentsOf(all), ...own, ...registryKeys(surroundings) };
  if (service === 'training') return { ...own, PROVENANCE_KEY_FILE: surroundings.provenanceKeyFile };
  if (service === 'governance') {
    return { ...own, BOOTSTRAP_KEYS_FILE: surroundings.keysFile, SIGNING_KEY_FILE: surroundings.signingKeyFile };
  }
  return own;
}

function registryKeys({ modelKeyFile, provenanceKeysFile, webhookKeyFile }: Surroundings): Record<string, string> {
  return { MODEL_SIGNING_KEY_FILE: modelKeyFile, PROVENANCE_KEYS_FILE: provenanceKeysFile, WEBHOOK_KEY_FILE: webhookKeyFile };
}

/** Environments that have a gateway are environments that can be promoted to. */
function environmentsOf(all: readonly PlannedProcess[]): Record<string, string> {
  const named = all.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
  return named.length === 0 ? {} : { ENVIRONMENTS: [...new Set(['production', 'staging', ...named])].join(',') };
}

function neighbours(all: readonly PlannedProcess[]): Record<string, string> {
  return Object.fromEntries(
    serviceNames.flatMap((service) => {
      const { url, adminUrl } = endpointOf(service, all);
      return [
        [`${service.toUpperCase()}_URL`, url],
        [`${service.toUpperCase()}_ADMIN_URL`, adminUrl],
      ];
    }),
  );
}
