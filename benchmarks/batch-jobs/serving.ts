import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promotionApproved } from '@bascule/contracts';
import { measureMemory } from '@bascule/launcher';
import { Publisher } from '@bascule/messaging';
import { decodePredictionBlock } from '@bascule/proto';
import { LocalStore } from '@bascule/storage';
import { type Process, ServiceStack, until } from '../service-stack.js';
import type { Workload } from '../serving/workload.js';

/** Serving on servers of its own. */
export class ServingStack {
  private constructor(private readonly servers: ServiceStack) {}

  static async start(folder: string): Promise<ServingStack> {
    return new ServingStack(await ServiceStack.start(folder, 'serving', 'operator'));
  }

  get processes(): readonly Process[] {
    return this.servers.processes;
  }

  get token(): string {
    return this.servers.token;
  }

  /** Starts a replica and waits until it answers. */
  add(roles: string, settings: Record<string, string> = {}): Promise<Process> {
    const spill = join(this.servers.folder, `spill-serving-${this.processes.length + 1}`);
    return this.servers.add({ SPILL_DIR: spill, SERVING_ROLES: roles, DRAIN_MS: '0', ...settings });
  }

  /** Makes the first version of a model its champion. */
  async promote({ modelName, model, signature }: Workload): Promise<void> {
    const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await this.put(model);
    const who = { requestedBy: 'benchmark', approvedBy: 'benchmark', environment: 'production' as const };
    const data = {
      promotionId: randomUUID(),
      modelName,
      version: 1,
      ...who,
      artifactDigest,
      artifactSizeBytes,
      signature,
      strategy: { steps: [100] },
    };
    await this.publisher.publishEvent({ definition: promotionApproved, data });
    await until(async () => {
      const { items } = await this.get<{ items: { status: string }[] }>(`/v1/rollouts?model=${modelName}`);
      return items[0]?.status === 'completed';
    });
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.processes[0]!.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!answer.ok) throw new Error(`status ${answer.status} for ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** For what the registry or a client of the stream would tell. */
  get publisher(): Publisher {
    return new Publisher(this.servers.connection);
  }

  /** Puts a model file where gateways find it. */
  async put(model: Uint8Array): Promise<{ digest: string; sizeBytes: number }> {
    const objects = new LocalStore(join(this.servers.folder, 'objects'));
    await objects.open();
    return objects.put(model);
  }

  /** Rows in all captured blocks so far, those of copies left out, and how many of them are there twice. */
  async captured(): Promise<{ rows: number; repeated: number }> {
    const ids = new Set<string>();
    let rows = 0;
    const { streams } = this.servers.connection.jsm;
    const { state } = await streams.info('PREDICTIONS');
    for (let sequence = state.first_seq; sequence <= state.last_seq && state.messages > 0; sequence++) {
      const message = await streams.getMessage('PREDICTIONS', { seq: sequence });
      for (const { predictionId, shadowOf } of message ? decodePredictionBlock(message.data).predictions : []) {
        if (shadowOf !== '') continue;
        rows++;
        ids.add(predictionId);
      }
    }
    return { rows, repeated: rows - ids.size };
  }

  memoryBytes(): number {
    const named = this.processes.map(({ name, child }) => ({ name, pid: child.pid! }));
    return measureMemory(named).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }
}
