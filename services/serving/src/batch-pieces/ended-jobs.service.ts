import { type BatchJobFinished, batchJobFinished } from '@bascule/contracts';
import { NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const jobEnded = Symbol('the job has ended');

/** Stops the pieces of jobs that end while this gateway works on them; one that it does not hear of ends by itself. */
@Injectable()
export class EndedJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly working = new Map<string, Set<AbortController>>();
  private subscription: ReturnType<NatsConnectionHolder['nc']['subscribe']> | undefined;
  private isStopping = false;

  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {}

  onApplicationBootstrap(): void {
    this.subscription = this.connection.nc.subscribe(batchJobFinished.type, { callback: (_error, message) => this.note(message?.data) });
  }

  // before the consumers wait for their handlers
  onModuleDestroy(): void {
    this.isStopping = true;
    this.subscription?.unsubscribe();
    for (const controllers of this.working.values()) for (const controller of controllers) controller.abort();
  }

  /** Does work until it is done or the job ends; rejects when the gateway stops before. */
  async whileRunning(jobId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    if (this.isStopping) controller.abort();
    const controllers = this.working.get(jobId) ?? new Set();
    this.working.set(jobId, controllers.add(controller));
    try {
      await work(controller.signal);
    } catch (error) {
      if (controller.signal.reason !== jobEnded) throw error;
    } finally {
      controllers.delete(controller);
      if (controllers.size === 0) this.working.delete(jobId);
    }
  }

  private note(bytes: Uint8Array | undefined): void {
    try {
      const { jobId } = JSON.parse(Buffer.from(bytes ?? []).toString()) as BatchJobFinished['data'];
      for (const controller of this.working.get(jobId) ?? []) controller.abort(jobEnded);
    } catch {
      // not for us
    }
  }
}
