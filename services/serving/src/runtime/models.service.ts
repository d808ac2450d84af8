import type { RoutedVersion } from '@bascule/contracts';
import { BasculeError, CONFIG, Logger } from '@bascule/platform';
import { ObjectStore, objectCorrupt } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { Batcher } from '../inference/batcher.js';
import type { Tensor } from '../inference/tensor.js';
import { stack, unstack } from '../inference/tensor-batch.js';
import type { GraphTensor } from './frame.js';
import { signatureFaults } from './graph-check.js';
import { tamperedReason } from './load-reasons.js';
import { ModelHostService } from './model-host.service.js';
import { isSameResult, mayBatch, warmUpInputs } from './warm-up.js';

/** A model version in memory, ready to answer. */
export interface LoadedVersion {
  readonly modelName: string;
  readonly routed: RoutedVersion;
  readonly runtime: string;
  readonly loadMs: number;
  /** True when requests of several clients may share one run. */
  readonly isBatched: boolean;
  /** Outputs of the graph that the protocol cannot carry, for example maps. */
  readonly leftOut: readonly string[];
  readonly batcher: Batcher;
}

/** The version must not be served here; the reasons become an event. */
export class LoadRefused extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join('; '));
    this.name = 'LoadRefused';
  }
}

/** Loads model versions by digest, verified and warmed up, and releases them once drained. */
@Injectable()
export class ModelsService {
  private readonly loaded = new Map<string, LoadedVersion>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly objects: ObjectStore,
    private readonly host: ModelHostService,
    private readonly log: Logger,
  ) {}

  find(modelName: string, version: number, digest: string): LoadedVersion | undefined {
    const entry = this.loaded.get(keyOf(modelName, version));
    return entry?.routed.artifactDigest === digest ? entry : undefined;
  }

  list(): LoadedVersion[] {
    return [...this.loaded.values()];
  }

  /**
   * Loads a version unless it is in memory already.
   * @throws LoadRefused when it must never be served; anything else is worth another try
   */
  async load(modelName: string, routed: RoutedVersion): Promise<LoadedVersion> {
    const known = this.find(modelName, routed.version, routed.artifactDigest);
    if (known) return known;
    const startedAt = performance.now();
    if (routed.artifactSizeBytes > this.config.MODEL_MAX_BYTES) {
      throw new LoadRefused([`the artifact has ${routed.artifactSizeBytes} bytes, at most ${this.config.MODEL_MAX_BYTES} are loaded`]);
    }
    const key = keyOf(modelName, routed.version);
    const graph = await this.host.running.load(key, () => this.verifiedBytes(routed.artifactDigest)).catch(refusalOf);
    const faults = signatureFaults(routed.signature, graph);
    if (faults.length > 0) {
      await this.host.running.unload(key);
      throw new LoadRefused(faults);
    }
    const isBatched = await this.warmUp(key, routed);
    const limits = {
      maxRows: isBatched ? this.config.MICRO_BATCH_ROWS : 1,
      maxBatchBytes: this.config.MICRO_BATCH_BYTES,
      maxWaitingRows: this.config.QUEUE_MAX_ROWS,
      maxWaitingBytes: this.config.QUEUE_MAX_BYTES,
    };
    const version: LoadedVersion = {
      modelName,
      routed,
      runtime: graph.runtime,
      loadMs: performance.now() - startedAt,
      isBatched,
      leftOut: graph.outputs.filter(isLeftOut(routed)).map(({ name }) => name),
      batcher: new Batcher((inputs, outputs) => this.host.running.run(key, inputs, outputs), limits),
    };
    this.loaded.set(key, version);
    this.log.info({ modelName, version: routed.version, isBatched, loadMs: Math.round(version.loadMs) }, 'model loaded');
    return version;
  }

  /** Forgets the version at once and frees its memory when its last request is answered. */
  async release(version: LoadedVersion): Promise<void> {
    const key = keyOf(version.modelName, version.routed.version);
    if (this.loaded.get(key) === version) this.loaded.delete(key);
    while (!version.batcher.isIdle) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!this.loaded.has(key)) await this.host.running.unload(key);
  }

  private async verifiedBytes(digest: string): Promise<Uint8Array> {
    return this.objects.get(digest);
  }

  private async warmUp(key: string, { signature }: RoutedVersion): Promise<boolean> {
    const outputs = signature.outputs.map(({ name }) => name);
    const rows = [warmUpInputs(signature.inputs, false), warmUpInputs(signature.inputs, true)];
    try {
      const alone: Tensor[][] = [];
      for (const row of rows) alone.push(await this.host.running.run(key, row, outputs));
      if (!mayBatch(signature.inputs, signature.outputs)) return false;
      // a first axis of any length need not be a batch: only rows that answer alike alone and together are
      const together = unstack(await this.host.running.run(key, stack(rows), outputs), [1, 1]);
      return together.every((part, position) => isSameResult(part, alone[position] ?? []));
    } catch (error) {
      if (error instanceof BasculeError && error.kind === 'unprocessable') return false;
      await this.host.running.unload(key);
      throw new LoadRefused([`warming up: ${error instanceof Error ? error.message : String(error)}`]);
    }
  }
}

function keyOf(modelName: string, version: number): string {
  return `${modelName}@${version}`;
}

function isLeftOut({ signature }: RoutedVersion): (tensor: GraphTensor) => boolean {
  return ({ name }) => !signature.outputs.some((output) => output.name === name);
}

function refusalOf(error: unknown): never {
  if (error instanceof BasculeError && error.code === objectCorrupt.definition.code) throw new LoadRefused([tamperedReason(error.detail)]);
  if (error instanceof BasculeError && ['unprocessable', 'not_found', 'deadline'].includes(error.kind))
    throw new LoadRefused([error.detail]);
  throw error;
}
