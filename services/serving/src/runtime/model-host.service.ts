import { CONFIG, type Counter, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config.js';
import type { HostedModel } from './hosted-model.js';
import { type ModelBytes, ModelProcess } from './model-process.runtime.js';
import { PlacedModel } from './placed-model.js';
import { isWornOut, placeModel } from './placement.js';
import { residentBytes } from './process-memory.js';

interface Slot {
  readonly process: ModelProcess;
  readonly models: Set<PlacedModel>;
  /** Nobody moves in: it is being emptied, or holds a model that did harm. */
  isClosed: boolean;
  bytes: number;
  bytesAtFirst: number;
}

const watchMs = 200;
const emptyCheckMs = 20;

/** The processes that run models: one for each version up to `MODEL_PROCESSES`, watched, replaced when worn out. */
@Injectable()
export class ModelHostService implements OnApplicationShutdown {
  private readonly slots = new Set<Slot>();
  private readonly restarts: Counter;
  private restarted = 0;
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isStopped = false;
  private serial = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.restarts = metrics.counter('serving_model_process_ends_total', 'Model processes that were killed or ended, by their models');
    metrics.gauge('serving_model_process_restarts', 'Times a model process was started again', () => this.restarted);
    metrics.gauge('serving_model_processes', 'Processes that run models', () => this.slots.size);
    metrics.gauge('serving_model_process_bytes', 'Memory of all processes that run models', () =>
      [...this.slots].reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  /** Process ids of the children, for those who watch them. */
  get pids(): number[] {
    return [...this.slots].flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid]));
  }

  /** Loads a model under a name of its own, so that what is said of this load cannot meet another one of the same version. */
  async load(name: string, bytes: ModelBytes): Promise<HostedModel> {
    const key = `${name}#${++this.serial}`;
    const slot = this.place();
    const model = new PlacedModel(key, bytes, {
      moved: (from, to) => this.moved(model, from, to),
      unloaded: () => this.leave(model),
      didHarm: () => void this.isolate(model),
    });
    slot.models.add(model);
    try {
      await model.loadInto(slot.process);
      return model;
    } catch (error) {
      await this.leave(model);
      throw error;
    }
  }

  // after the HTTP server has answered its last request
  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await Promise.all([...this.slots].map(({ process }) => process.stop()));
  }

  private place(): Slot {
    const slots = [...this.slots];
    const position = placeModel(
      slots.map(({ models, isClosed }) => ({ models: models.size, isClosed })),
      this.config.MODEL_PROCESSES,
    );
    return (position === undefined ? undefined : slots[position]) ?? this.open();
  }

  private open(): Slot {
    const process = new ModelProcess({
      deadlineMs: this.config.MODEL_DEADLINE_MS,
      providers: this.config.EXECUTION_PROVIDERS,
      onRestart: (reason) => {
        const models = [...slot.models].map(({ key }) => key);
        this.restarted++;
        this.restarts.add(1, { models: models.map((key) => key.replace(/#\d+$/, '')).join(',') });
        this.log.warn({ reason, models }, 'model process restarts');
      },
    });
    const slot: Slot = { process, models: new Set(), isClosed: false, bytes: 0, bytesAtFirst: 0 };
    process.start();
    this.slots.add(slot);
    this.timer ??= setInterval(() => void this.look(), watchMs).unref();
    return slot;
  }

  private async leave(model: PlacedModel): Promise<void> {
    const slot = this.slotOf(model);
    if (!slot) return;
    slot.models.delete(model);
    if (slot.models.size === 0) return this.close(slot);
    await slot.process.unload(model.key);
  }

  /** Ends a process that nobody lives in once it has answered what it was asked. */
  private async close(slot: Slot): Promise<void> {
    slot.isClosed = true;
    while (!slot.process.isIdle && !this.isStopped) await new Promise((resolve) => setTimeout(resolve, emptyCheckMs));
    this.slots.delete(slot);
    await slot.process.stop();
  }

  /** Gives a model that held up or ended its process one of its own; its neighbours have been loaded again already. */
  private async isolate(model: PlacedModel): Promise<void> {
    const slot = this.slotOf(model);
    if (slot && slot.models.size > 1) await this.move([model], this.open());
  }

  private async recycle(slot: Slot): Promise<void> {
    slot.isClosed = true;
    this.log.info({ unloads: slot.process.unloads, bytes: slot.bytes, models: slot.models.size }, 'model process is worn out');
    const fresh = this.open();
    fresh.isClosed = true;
    await this.move([...slot.models], fresh);
    fresh.isClosed = false;
    if (slot.models.size > 0) slot.isClosed = false;
  }

  /** Loads each model in the other process, then lets it answer there: no request notices. */
  private async move(models: readonly PlacedModel[], to: Slot): Promise<void> {
    for (const model of models) {
      try {
        await model.moveTo(to.process);
      } catch (error) {
        this.log.warn({ err: error, model: model.key }, 'model stays in its process');
      }
    }
    if (to.models.size === 0) await this.close(to);
  }

  private async moved(model: PlacedModel, from: ModelProcess, to: ModelProcess): Promise<void> {
    const [former, next] = [from, to].map((process) => [...this.slots].find((slot) => slot.process === process));
    next?.models.add(model);
    former?.models.delete(model);
    if (former?.models.size === 0) await this.close(former);
    else if (former) await former.process.unload(model.key);
  }

  private slotOf(model: PlacedModel): Slot | undefined {
    return [...this.slots].find(({ models }) => models.has(model));
  }

  /** Kills what takes too much memory, replaces what is worn out. */
  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const sizes = await residentBytes(this.pids);
    for (const slot of this.slots) {
      const bytes = sizes.get(slot.process.pid ?? 0);
      if (bytes === undefined) continue;
      slot.bytes = bytes;
      if (slot.bytesAtFirst === 0 && slot.models.size > 0 && slot.process.isIdle) slot.bytesAtFirst = bytes;
      if (bytes > this.config.MODEL_PROCESS_MAX_BYTES) slot.process.killForMemory(bytes);
      else if (!slot.isClosed && isWornOut({ ...slot, unloads: slot.process.unloads }, this.config.MODEL_PROCESS_MAX_BYTES)) {
        void this.recycle(slot).catch((error) => this.log.warn({ err: error }, 'worn out model process stays'));
      }
    }
    this.isLooking = false;
  }
}
