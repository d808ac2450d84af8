import { describe, expect, it } from 'vitest';
import { endpointOf, environmentOf, planProcesses, type Surroundings } from './service-plan.js';

function ports(from: number): () => Promise<number> {
  let next = from;
  return async () => next++;
}

const surroundings: Surroundings = {
  natsUrl: (service) => `nats://${service}@host`,
  databaseUrl: (service) => `postgres://${service}@host`,
  objectsDir: '/d/objects',
  spillDir: '/d/spill',
  keysFile: '/d/keys.json',
  signingKeyFile: '/d/signing-key.pem',
  modelKeyFile: '/d/model-key.pem',
  provenanceKeyFile: '/d/provenance-key.pem',
  provenanceKeysFile: '/d/provenance-keys.pem',
  webhookKeyFile: '/d/webhook-keys',
  exampleStepsFile: '/d/steps.jsonl',
  extra: { NATS_RESEND_WINDOW_MS: '1000' },
};

describe('the plan of processes', () => {
  it('gives the console the first port and no port twice', async () => {
    const planned = await planProcesses({ serving: 2 }, ports(4000));
    expect(planned[0]).toMatchObject({ name: 'console-1', port: 4000 });
    const all = planned.flatMap(({ port, adminPort, grpcPort }) => [port, adminPort, ...(grpcPort ? [grpcPort] : [])]);
    expect(new Set(all).size).toBe(all.length);
    expect(planned.map(({ name }) => name)).toContain('serving-2');
  });

  it('lists every replica of a service, the first as its URL', async () => {
    const planned = await planProcesses({ serving: 2 }, ports(4000));
    const serving = endpointOf('serving', planned);
    expect(serving.urls).toHaveLength(2);
    expect(serving.url).toBe(serving.urls[0]);
    expect(serving.grpcUrls).toHaveLength(2);
    expect(endpointOf('registry', planned).grpcUrl).toBeUndefined();
  });

  it('gives an environment a gateway of its own, which is none of production', async () => {
    const planned = await planProcesses({}, ports(4000), ['staging', 'trial']);
    for (const process of planned.filter(({ service }) => service === 'serving'))
      expect(environmentOf(process, planned, surroundings)).toMatchObject({ RECEIPT_KEY_FILE: '/d/spill/serving-1/receipt.key' });
    expect(endpointOf('serving', planned).urls).toHaveLength(1);
    const staging = planned.find(({ name }) => name === 'serving-staging')!;
    expect(endpointOf('serving', planned, 'staging').url).toBe(`http://127.0.0.1:${staging.port}`);
    expect(environmentOf(staging, planned, surroundings)).toMatchObject({ SERVING_ROLES: 'gateway', SERVING_ENVIRONMENT: 'staging' });
    const registry = planned.find(({ name }) => name === 'registry-1')!;
    expect(environmentOf(registry, planned, surroundings)).toMatchObject({ ENVIRONMENTS: 'production,staging,trial' });
  });

  it('gives each service its own identities and no database to the console', async () => {
    const planned = await planProcesses({}, ports(4000));
    const of = (name: string) => environmentOf(planned.find((process) => process.name === name)!, planned, surroundings);
    expect(of('registry-1')).toMatchObject({
      DATABASE_URL: 'postgres://registry@host',
      NATS_URL: 'nats://registry@host',
      NATS_RESEND_WINDOW_MS: '1000',
      PROVENANCE_KEYS_FILE: '/d/provenance-keys.pem',
      WEBHOOK_KEY_FILE: '/d/webhook-keys',
    });
    expect(of('registry-1')).not.toHaveProperty('PROVENANCE_KEY_FILE');
    expect(of('serving-1')).toMatchObject({ SPILL_DIR: '/d/spill/serving-1', SERVING_ROLES: 'control,gateway' });
    expect(of('governance-1')).toMatchObject({ BOOTSTRAP_KEYS_FILE: '/d/keys.json', SIGNING_KEY_FILE: '/d/signing-key.pem' });
    expect(of('console-1')).not.toHaveProperty('DATABASE_URL');
    expect(of('console-1')).toMatchObject({ REGISTRY_URL: 'http://127.0.0.1:4003', EXAMPLE_REPORT: '/d/steps.jsonl' });
  });
});
