import cluster from 'node:cluster';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AdminServer, createLogger, HealthRegistry, type Logger, newId, startAdminServer } from '@bascule/platform';
import type { Config } from '../config.js';
import { GatewayProcess } from './gateway-process.runtime.js';
import { mergeMetrics } from './merge-metrics.js';
import { countShortLives, restartPauseMs } from './restart-pace.js';

const stopTimeoutMs = 17_000;

/**
 * The parent of several gateway processes that share their ports: hands each new connection to the next of them, starts
 * again what ends, answers for all at the admin port, and stops them together.
 */
export class ProcessSupervisor {
  private readonly processes = new Map<number, GatewayProcess>();
  private readonly health = new HealthRegistry();
  private readonly log: Logger;
  private admin: AdminServer | undefined;
  private isStopping = false;
  private hasListened = false;

  constructor(private readonly config: Config) {
    this.log = createLogger({ service: 'serving', instanceId: config.INSTANCE_ID, level: config.LOG_LEVEL });
    // the kernel's own choice favours whoever is idle: with few connections most would go to one process
    cluster.schedulingPolicy = cluster.SCHED_RR;
  }

  async start(): Promise<void> {
    const { HOST: host, ADMIN_PORT: port, SERVING_PROCESSES } = this.config;
    for (let number = 1; number <= SERVING_PROCESSES; number++) {
      this.health.register(`process ${number}`, async () => this.check(number));
    }
    this.admin = await startAdminServer({ host, port, health: this.health, metrics: (_request, response) => void this.metrics(response) });
    this.health.markStarted();
    for (let number = 1; number <= SERVING_PROCESSES; number++) this.fork(number, 0);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void this.stop(signal, 0));
  }

  private fork(number: number, shortLives: number): void {
    if (this.isStopping) return;
    const env = { ADMIN_PORT: '0', INSTANCE_ID: newId() };
    const started = new GatewayProcess(number, env, {
      listening: () => this.announce(),
      end: (life, code) => {
        if (this.isStopping) return;
        // one that never listened at the start would not do so the next time either
        if (!this.hasListened) return void this.stop(`process ${number} could not start`, 1);
        const pauseMs = restartPauseMs(life, shortLives);
        this.log.error({ process: number, code, pauseMs }, 'gateway process ended and is started again');
        setTimeout(() => this.fork(number, countShortLives(life, shortLives)), pauseMs);
      },
    });
    this.processes.set(number, started);
  }

  private announce(): void {
    const all = [...this.processes.values()];
    if (this.hasListened || all.length < this.config.SERVING_PROCESSES || all.some(({ addresses }) => !addresses)) return;
    this.hasListened = true;
    const addresses = { url: all[0]?.addresses?.url, adminUrl: this.admin?.url };
    this.log.info({ ...addresses, processes: all.map(({ pid }) => pid) }, 'listening');
  }

  private async check(number: number): Promise<{ ok: boolean; detail?: string }> {
    const answer = await this.processes.get(number)?.ask('/health/ready');
    if (answer?.status === 200) return { ok: true };
    return { ok: false, detail: answer ? failedChecks(answer.text) : 'it does not answer' };
  }

  private async metrics(response: ServerResponse<IncomingMessage>): Promise<void> {
    const pages = await Promise.all(
      [...this.processes].map(async ([number, process]) => ({
        process: String(number),
        text: (await process.ask('/metrics'))?.text ?? '',
      })),
    );
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(mergeMetrics(pages));
  }

  private async stop(reason: string, exitCode: number): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    this.health.markShuttingDown();
    this.log.info({ reason }, 'stopping');
    const codes = await Promise.all([...this.processes.values()].map((process) => process.stop(stopTimeoutMs)));
    await this.admin?.close();
    this.log.info({ codes }, 'stopped');
    process.exit(codes.every((code) => code === 0) ? exitCode : 1);
  }
}

function failedChecks(text: string): string {
  try {
    const { checks } = JSON.parse(text) as { checks: Record<string, { ok: boolean; detail?: string }> };
    const failed = Object.entries(checks).filter(([, { ok }]) => !ok);
    return failed.map(([name, { detail }]) => `${name}: ${detail ?? 'not ready'}`).join('; ') || 'not ready';
  } catch {
    return 'not ready';
  }
}
