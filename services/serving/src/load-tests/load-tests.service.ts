import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type LoadTestFinished, type LoadTestRequested, loadTestFinished, type RoutedVersion } from '@bascule/contracts';
import { Clock, CONFIG, Logger } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { PinnedVersions } from '../batch-pieces/pinned-versions.service.js';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { LoadDoor } from './load-door.runtime.js';
import type { LoadFigures } from './offered-load.js';

type Asked = LoadTestRequested['data'];
type Outcome = Pick<LoadTestFinished['data'], 'outcome' | 'reasons' | 'measured'>;

/** Tries, one test after the other, whether versions keep up with what is promised of them, here where they are served. */
@Injectable()
export class LoadTests implements BeforeApplicationShutdown {
  private last: Promise<void> = Promise.resolve();
  private readonly workers = new Set<Worker>();
  private isStopping = false;

  constructor(
    private readonly versions: PinnedVersions,
    private readonly objects: ObjectStore,
    private readonly events: RetainedPublisher,
    private readonly clock: Clock,
    private readonly log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Takes a test on. It runs behind this: whoever asked knows when to stop waiting. */
  begin(asked: Asked): void {
    this.last = this.last
      .then(() => this.finish(asked))
      .catch((error: unknown) => this.log.error({ err: error, loadTestId: asked.loadTestId }, 'load test not told of'));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    for (const worker of this.workers) await worker.terminate();
    await this.last;
  }

  private async finish(asked: Asked): Promise<void> {
    const { loadTestId, modelName, version, artifactDigest, plan } = asked;
    // gateways of another environment may stand on other machines, under another load
    if (plan.environment !== undefined && plan.environment !== this.config.SERVING_ENVIRONMENT) return;
    if (this.isStopping || this.clock.now() >= new Date(asked.expiresAt)) return;
    const outcome = await this.run(asked).catch((error: unknown): Outcome => {
      this.log.warn({ err: error, loadTestId, modelName, version }, 'load test failed');
      return { outcome: 'failed', reasons: [error instanceof Error ? error.message : String(error)] };
    });
    if (this.isStopping) return;
    const { INSTANCE_ID: gatewayId, SERVING_ENVIRONMENT: environment } = this.config;
    const about = { loadTestId, gatewayId, environment, modelName, version, artifactDigest };
    this.events.announce({ definition: loadTestFinished, data: { ...about, ...outcome } });
  }

  private async run(asked: Asked): Promise<Outcome> {
    const { modelName, version, artifactDigest, artifactSizeBytes, signature, signed, plan } = asked;
    const body = await this.objects.get(asked.requestDigest);
    const routed: RoutedVersion = {
      version,
      artifactDigest,
      artifactSizeBytes,
      signature,
      percent: 0,
      role: 'shadow',
      ...(signed ? { signed } : {}),
    };
    const figures = await this.versions.use(modelName, routed, (loaded) => this.measure(loaded, body, plan));
    const { requestsPerSecond, rowsPerRequest, seconds, connections } = plan;
    const processor = cpus()[0]?.model ?? 'unknown';
    const measured = { offeredPerSecond: requestsPerSecond, rowsPerRequest, seconds, connections, processor, ...figures };
    return { outcome: 'measured', reasons: [], measured };
  }

  private async measure(loaded: LoadedVersion, body: Buffer, load: Asked['plan']): Promise<LoadFigures> {
    if (this.isStopping) throw new Error('the gateway stops');
    const door = new LoadDoor(loaded, this.config.REQUEST_DEADLINE_MS);
    const url = await door.open();
    // tests run from sources, the thread always from what the compiler made of them
    const compiled = import.meta.url.replace(/\/src\/load-tests\/[^/]*$/, '/dist/load-tests/');
    const program = fileURLToPath(new URL('./load-requester.runtime.js', import.meta.url.endsWith('.ts') ? compiled : import.meta.url));
    const worker = new Worker(program, { workerData: { url, key: door.key, body, load } });
    this.workers.add(worker);
    try {
      return await new Promise<LoadFigures>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`the thread that asks ended (${code})`)));
      });
    } finally {
      this.workers.delete(worker);
      door.close();
      await worker.terminate();
    }
  }
}
