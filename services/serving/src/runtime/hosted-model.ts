import type { Tensor } from '../inference/tensor.js';
import type { Graph } from './frame.js';

/** Goes with a run; the time it took there, without the way to it and back, is filled in by whoever computes. */
export interface RunMeter {
  ms?: number;
  /** Given by the asker: true when nobody waits for the answer any more. */
  readonly isAbandoned?: () => boolean;
  /** The same: how long such a run takes as far as it is known; 0 when it is not. */
  readonly expectedMs?: number;
}

/** A model that can be asked: the one thing the queue in front of it needs to know, whatever computes it. */
export interface HostedModel {
  readonly graph: Graph;
  /** More rows than this at once are better not asked; no bound when absent. */
  readonly usefulRows?: number;
  /** Runs it on its inputs, in its order, and answers the named outputs. */
  run(inputs: readonly Tensor[], outputs: readonly string[], meter?: RunMeter): Promise<Tensor[]>;
  /** Frees what it takes; nobody asks it any more. */
  unload(): Promise<void>;
}
