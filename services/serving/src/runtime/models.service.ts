import type { ModelSignature, RoutedVersion } from '@bascule/contracts';
import { BasculeError, CONFIG, Logger, Metrics } from '@bascule/platform';
import { ObjectStore, objectCorrupt } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { inferenceFailed } from '../errors.js';
import { Batcher } from '../inference/batcher.js';
import type { Tensor } from '../inference/tensor.js';
import { stack, unstack } from '../inference/tensor-batch.js';
import type { RefusedProvider } from './execution-providers.js';
import type { GraphTensor } from './frame.js';
import { signatureFaults } from './graph-check.js';
import { GuardedModel } from './guarded-model.js';
import type { HostedModel } from './hosted-model.js';
import { InlineModels } from './inline-models.service.js';
import { tamperedReason } from './load-reasons.js';
import { ModelHostService } from './model-host.service.js';
import { signedArtifactFaults } from './signed-artifact.js';
import { isSameResult, mayBatch, warmUpInputs } from './warm-up.js';

const idleCheckMs = 20;

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
  /** Where it is computed, for example `cpu` or `cuda`. */
  readonly provider: string;
  /** Providers of `EXECUTION_PROVIDERS` that could not take it, and why. */
  readonly refusedProviders: readonly RefusedProvider[];
  readonly batcher: Batcher;
}

/** The version must not be served here; the reasons become an event. */
export class LoadRefused extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join('; '));
    this.name = 'LoadRefused';
  }
}

/** One version of one digest in memory, or on its way there, and who needs it. */
interface Copy {
  readonly loading: Promise<LoadedVersion>;
  readonly holders: Set<object>;
  loaded?: LoadedVersion;
  hosted?: HostedModel;
}

/** Loads model versions by digest, verified and warmed up, once for all who need them, and frees them when nobody does. */
@Injectable()
export class ModelsService {
  private readonly copies = new Map<string, Copy>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly objects: ObjectStore,
    private readonly host: ModelHostService,
    private readonly inline: InlineModels,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    metrics.gauge('serving_model_provider', 'Model versions by the provider that computes them; wanted: the first of the setting', () =>
      this.list().map(({ modelName, routed, provider }) => ({
        value: 1,
        labels: { model: modelName, version: String(routed.version), provider, wanted: this.config.EXECUTION_PROVIDERS[0] ?? 'cpu' },
      })),
    );
  }

  find(modelName: string, version: number, digest: string): LoadedVersion | undefined {
    return this.copies.get(keyOf(modelName, version, digest))?.loaded;
  }

  list(): LoadedVersion[] {
    return [...this.copies.values()].flatMap(({ loaded }) => loaded ?? []);
  }

  /**
   * Loads a version unless it is in memory, or being loaded, already. It stays until every holder has released it.
   * @throws LoadRefused when it must never be served; anything else is worth another try
   */
  load(modelName: string, routed: RoutedVersion, holder: object): Promise<LoadedVersion> {
    const key = keyOf(modelName, routed.version, routed.artifactDigest);
    const copy = this.copies.get(key) ?? this.begin(key, modelName, routed);
    copy.holders.add(holder);
    return copy.loading;
  }

  /** Lets the version go. With its last holder it is forgotten at once, and its memory freed when its last request is answered. */
  async release(version: LoadedVersion, holder: object): Promise<void> {
    const { modelName, routed } = version;
    const key = keyOf(modelName, routed.version, routed.artifactDigest);
    const copy = this.copies.get(key);
    if (copy?.loaded !== version) return;
    copy.holders.delete(holder);
    if (copy.holders.size > 0) return;
    this.copies.delete(key);
    while (!version.batcher.isIdle) await new Promise((resolve) => setTimeout(resolve, idleCheckMs));
    await copy.hosted?.unload();
  }

  private begin(key: string, modelName: string, routed: RoutedVersion): Copy {
    const copy: Copy = {
      loading: this.bring(modelName, routed, (loaded, hosted) => Object.assign(copy, { loaded, hosted })),
      holders: new Set(),
    };
    this.copies.set(key, copy);
    // a failed load is tried anew by whoever asks next
    copy.loading.catch(() => this.copies.delete(key));
    return copy;
  }

  private async bring(
    modelName: string,
    routed: RoutedVersion,
    keep: (loaded: LoadedVersion, hosted: HostedModel) => void,
  ): Promise<LoadedVersion> {
    const startedAt = performance.now();
    if (routed.artifactSizeBytes > this.config.MODEL_MAX_BYTES) {
      throw new LoadRefused([`the artifact has ${routed.artifactSizeBytes} bytes, at most ${this.config.MODEL_MAX_BYTES} are loaded`]);
    }
    const { signed } = routed;
    if (signed) refuseFaults(signedArtifactFaults((await this.objects.get(signed.digest).catch(refusalOf)).toString('utf8'), routed));
    const bytes = () => this.objects.get(routed.artifactDigest);
    const isolated = await this.host.load(`${modelName}@${routed.version}`, bytes).catch(refusalOf);
    const hosted = await this.inline.prefer(isolated, modelName, routed, bytes);
    try {
      const loaded = await this.prepare(modelName, routed, hosted, startedAt);
      keep(loaded, hosted);
      this.tell(loaded);
      return loaded;
    } catch (error) {
      await hosted.unload();
      throw error;
    }
  }

  private tell(version: LoadedVersion): void {
    const { modelName, routed, isBatched, provider, refusedProviders } = version;
    this.log.info({ modelName, version: routed.version, isBatched, provider, loadMs: Math.round(version.loadMs) }, 'model loaded');
    if (refusedProviders.length > 0) this.log.warn({ modelName, version: routed.version, provider, refusedProviders }, 'fell back');
  }

  private async prepare(modelName: string, routed: RoutedVersion, hosted: HostedModel, startedAt: number): Promise<LoadedVersion> {
    const { graph } = hosted;
    const faults = signatureFaults(routed.signature, graph);
    if (faults.length > 0) throw new LoadRefused(faults);
    const isBatched = await warmUp(hosted, routed.signature);
    const guarded = new GuardedModel(hosted, this.config.REQUEST_DEADLINE_MS);
    const limits = {
      maxRows: isBatched ? Math.min(this.config.MICRO_BATCH_ROWS, hosted.usefulRows ?? Number.POSITIVE_INFINITY) : 1,
      maxBatchBytes: this.config.MICRO_BATCH_BYTES,
      maxWaitingRows: this.config.QUEUE_MAX_ROWS,
      maxWaitingBytes: this.config.QUEUE_MAX_BYTES,
    };
    return {
      modelName,
      routed,
      runtime: graph.runtime,
      loadMs: performance.now() - startedAt,
      isBatched,
      leftOut: graph.outputs.filter(isLeftOut(routed)).map(({ name }) => name),
      provider: graph.provider,
      refusedProviders: graph.refusedProviders,
      batcher: new Batcher(
        (inputs, outputs, meter) => guarded.run(inputs, outputs, meter),
        limits,
        () => guarded.admit(),
      ),
    };
  }
}

/** Runs it on made-up rows; @returns true when requests may share a run */
async function warmUp(hosted: HostedModel, signature: ModelSignature): Promise<boolean> {
  const outputs = signature.outputs.map(({ name }) => name);
  const rows = [warmUpInputs(signature.inputs, false), warmUpInputs(signature.inputs, true)];
  try {
    const alone: Tensor[][] = [];
    for (const row of rows) alone.push(await hosted.run(row, outputs));
    if (!mayBatch(signature.inputs, signature.outputs)) return false;
    // a first axis of any length need not be a batch: only rows that answer alike alone and together are
    const together = unstack(await hosted.run(stack(rows), outputs), [1, 1]);
    return together.every((part, position) => isSameResult(part, alone[position] ?? []));
  } catch (error) {
    const isRefusedInput = error instanceof BasculeError && error.code === inferenceFailed.definition.code;
    if (isRefusedInput) return false;
    throw new LoadRefused([`warming up: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function keyOf(modelName: string, version: number, digest: string): string {
  return `${modelName}@${version}/${digest}`;
}

function isLeftOut({ signature }: RoutedVersion): (tensor: GraphTensor) => boolean {
  return ({ name }) => !signature.outputs.some((output) => output.name === name);
}

function refuseFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw new LoadRefused(faults);
}

function refusalOf(error: unknown): never {
  if (error instanceof BasculeError && error.code === objectCorrupt.definition.code) throw new LoadRefused([tamperedReason(error.detail)]);
  if (error instanceof BasculeError && ['unprocessable', 'not_found', 'deadline'].includes(error.kind))
    throw new LoadRefused([error.detail]);
  throw error;
}
