import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hashSecret, newKey } from '@bascule/access';
import { type AccessEntry, buckets, type RoutingEntry } from '@bascule/contracts';
import { endProcess, findFreePort, type NatsServer, spawnService, startNats } from '@bascule/launcher';
import { KvWriter, type NatsConnectionHolder, openConnection } from '@bascule/messaging';
import { LocalStore } from '@bascule/storage';
import { pin } from './affinity.js';
import type { Workload } from './workload.js';

/** Where one gateway answers. */
export interface Gateway {
  readonly port: number;
  readonly pid: number;
}

const readyWithinMs = 120_000;

/** A nats-server, an object store and gateways on top of them, started as the launcher starts them. */
export class GatewayStack {
  private readonly stops: (() => Promise<void>)[] = [];
  private readonly writer: KvWriter;
  private readonly objects: LocalStore;
  private gateways = 0;

  private constructor(
    private readonly folder: string,
    readonly nats: NatsServer,
    private readonly connection: NatsConnectionHolder,
  ) {
    this.writer = new KvWriter(connection);
    this.objects = new LocalStore(join(folder, 'objects'));
  }

  /** `core`: where the nats-server is to run. */
  static async start(folder: string, core?: number): Promise<GatewayStack> {
    const nats = await startNats({ storeDir: join(folder, 'nats') });
    pin(nats.process.pid!, core);
    const stack = new GatewayStack(folder, nats, await openConnection(nats.url, 'benchmark'));
    await stack.objects.open();
    return stack;
  }

  /** Makes keys for clients; answers the token of the last. */
  async addKeys(count: number): Promise<string> {
    let last = '';
    for (let done = 0; done < count; done += 100) {
      const keys = Array.from({ length: Math.min(100, count - done) }, newKey);
      await Promise.all(
        keys.map(({ keyId, secret }) => {
          const entry: AccessEntry = {
            keyId,
            identity: 'benchmark',
            secretHash: hashSecret(secret),
            roles: ['client'],
            models: ['*'],
            datasets: [],
            revokedAt: null,
          };
          return this.writer.put(buckets.access, keyId, entry);
        }),
      );
      last = keys.at(-1)!.token;
    }
    return last;
  }

  /** Routes all requests for a model to one version of it. */
  async route(workload: Workload, options: { modelName?: string; capture?: 'all' | 'off' } = {}): Promise<string> {
    const modelName = options.modelName ?? workload.modelName;
    const { digest, sizeBytes } = await this.objects.put(workload.model);
    const entry: RoutingEntry & { capture?: { level: string } } = {
      modelName,
      environment: 'production',
      revision: 1,
      rolloutId: null,
      versions: [
        {
          version: 1,
          artifactDigest: digest,
          artifactSizeBytes: sizeBytes,
          signature: workload.signature,
          percent: 100,
          role: 'champion',
        },
      ],
      updatedAt: new Date().toISOString(),
      ...(options.capture === undefined ? {} : { capture: { level: options.capture } }),
    };
    await this.writer.put(buckets.routing, modelName, entry);
    return modelName;
  }

  /** Starts a gateway and waits until every routed model is loaded. */
  async startGateway(core: number | undefined, settings: Record<string, string> = {}): Promise<Gateway> {
    const number = ++this.gateways;
    const port = await findFreePort();
    const logFile = join(this.folder, `gateway-${number}.log`);
    const env = {
      PORT: String(port),
      ADMIN_PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      OTEL_TRACES_EXPORTER: 'none',
      NATS_URL: this.nats.url,
      OBJECT_ROOT: join(this.folder, 'objects'),
      SPILL_DIR: join(this.folder, `spill-${number}`),
      SERVING_ROLES: 'gateway',
      INSTANCE_ID: randomUUID(),
      DRAIN_MS: '0',
      ...settings,
    };
    const child = await spawnService({ name: `gateway-${number}`, service: 'serving', env, logFile });
    this.stops.push(() => endProcess(child, 'SIGTERM'));
    const giveUpAt = Date.now() + readyWithinMs;
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`the gateway ended; see ${logFile}`);
      if (Date.now() > giveUpAt) throw new Error(`the gateway was not ready within ${readyWithinMs} ms; see ${logFile}`);
      await wait(100);
    }
    pin(child.pid!, core);
    return { port, pid: child.pid! };
  }

  async stop(): Promise<void> {
    await Promise.all(this.stops.splice(0).map((stop) => stop()));
    await this.connection.close();
    await this.nats.stop();
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).status === 200;
  } catch {
    return false;
  }
}
