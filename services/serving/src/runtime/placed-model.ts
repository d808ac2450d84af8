import { BasculeError } from '@bascule/platform';
import { inferenceTimedOut, modelCrashed, modelMemoryExceeded } from '../errors.js';
import type { Tensor } from '../inference/tensor.js';
import type { Graph } from './frame.js';
import type { HostedModel, RunMeter } from './hosted-model.js';
import type { ModelBytes, ModelProcess } from './model-process.runtime.js';

const harmful = new Set([inferenceTimedOut, modelCrashed, modelMemoryExceeded].map(({ definition }) => definition.code));

/** True when a run took its process down: it hung, crashed or wanted too much memory. */
export function tookProcessDown(error: unknown): boolean {
  return error instanceof BasculeError && harmful.has(error.code);
}

/** A model in one of the processes, which can move to another one while it answers. */
export class PlacedModel implements HostedModel {
  private process: ModelProcess | undefined;
  private current: Graph | undefined;
  private isMoving = false;
  private isUnloaded = false;

  constructor(
    readonly key: string,
    private readonly bytes: ModelBytes,
    private readonly on: {
      readonly moved: (from: ModelProcess, to: ModelProcess) => Promise<void>;
      readonly unloaded: () => Promise<void>;
      readonly didHarm: () => void;
    },
  ) {}

  get graph(): Graph {
    if (!this.current) throw new Error(`model ${this.key} is not loaded`);
    return this.current;
  }

  async loadInto(process: ModelProcess): Promise<void> {
    this.current = await process.load(this.key, this.bytes);
    this.process = process;
  }

  async run(inputs: readonly Tensor[], outputs: readonly string[], meter?: RunMeter): Promise<Tensor[]> {
    if (!this.process) throw new Error(`model ${this.key} is not loaded`);
    try {
      return await this.process.run(this.key, inputs, outputs, meter);
    } catch (error) {
      if (tookProcessDown(error)) this.on.didHarm();
      throw error;
    }
  }

  async moveTo(process: ModelProcess): Promise<void> {
    const from = this.process;
    if (!from || from === process || this.isMoving || this.isUnloaded) return;
    this.isMoving = true;
    try {
      await process.load(this.key, this.bytes);
      this.process = process;
    } finally {
      this.isMoving = false;
    }
    // what the former process was asked, it still answers: questions are in order, the unload comes last
    await this.on.moved(from, process);
    if (this.isUnloaded) await this.on.unloaded();
  }

  async unload(): Promise<void> {
    this.isUnloaded = true;
    // whoever moves it sees to that
    if (!this.isMoving) await this.on.unloaded();
  }
}
