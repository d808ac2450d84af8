import type { ModelSignature, RoutedVersion } from '@bascule/contracts';
import { CONFIG, type Counter, Logger, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import type { Tensor } from '../inference/tensor.js';
import { signatureFaults } from './graph-check.js';
import type { HostedModel } from './hosted-model.js';
import { inlineFault, inlineRows } from './inline-graph.js';
import { InlineModel, type InlineSession } from './inline-model.js';
import { isSameComputation, probeInputs } from './warm-up.js';

/** The slowest of the measured runs may take this long: a fraction of what a request waits anyway. */
const maxMeasuredMs = 1;
/** A run that takes longer was not what was measured. */
const maxRunMs = 20;
const runsPerProbe = 5;
/** The runtime may keep something of each model it lets go, and this process is never recycled for it. */
const maxOpened = 200;

/**
 * Decides which models may run in the gateway's own process: those whose graph has a bound by its form, that were measured to
 * stay far below it, and that answer there as in a process of their own. The way to the other process and back costs more
 * than such a run.
 */
@Injectable()
export class InlineModels {
  private opened = 0;
  private readonly slowRuns: Counter;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.slowRuns = metrics.counter('serving_inline_ended_total', 'Models sent to their own process for good because a run was too slow');
  }

  /** The model as it is, or with a copy in this process in front of it. */
  async prefer(isolated: HostedModel, modelName: string, routed: RoutedVersion, bytes: () => Promise<Uint8Array>): Promise<HostedModel> {
    const { signature, version } = routed;
    const mayTry = this.config.INLINE_MODELS === 'auto' && isolated.graph.provider === 'cpu' && this.opened < maxOpened;
    if (!mayTry || signatureFaults(signature, isolated.graph).length > 0) return isolated;
    let session: InlineSession | undefined;
    try {
      const content = await bytes();
      const fault = inlineFault(content, signature);
      if (fault !== undefined) throw new Error(fault);
      // loaded with the first model that needs it
      const { OnnxSession } = await import('./onnx-session.runtime.js');
      this.opened++;
      session = await OnnxSession.open(content, ['cpu']);
      const maxRows = inlineRows(signature, this.config.MICRO_BATCH_ROWS);
      const measuredMs = await measure(session, isolated, signature, maxRows);
      this.log.info({ modelName, version, measuredMs: Number(measuredMs.toFixed(3)) }, 'model runs in the gateway process');
      return new InlineModel(isolated, session, {
        maxRows,
        maxMs: maxRunMs,
        onSlow: (elapsedMs) => {
          this.slowRuns.add(1, { model: modelName });
          this.log.warn({ modelName, version, elapsedMs: Math.round(elapsedMs) }, 'model runs in its own process from here on');
        },
      });
    } catch (error) {
      await session?.release();
      this.log.info({ modelName, version, reason: (error as Error).message }, 'model runs in its own process only');
      return isolated;
    }
  }
}

/** Milliseconds of the slowest probe; throws when a probe is too slow or answered otherwise than in the other process. */
async function measure(session: InlineSession, isolated: HostedModel, signature: ModelSignature, rows: number): Promise<number> {
  const names = signature.outputs.map(({ name }) => name);
  let slowest = 0;
  for (const probe of probeInputs(signature.inputs, rows)) {
    // first where it can be ended
    const expected = await isolated.run(probe, names);
    if (!isSameComputation(await session.run(probe, names), expected)) throw new Error('it answers otherwise than in a process of its own');
    slowest = Math.max(slowest, await fastestOf(session, probe, names));
    if (slowest > maxMeasuredMs) throw new Error(`a run takes ${slowest.toFixed(2)} ms`);
  }
  return slowest;
}

// the fastest of a few: the others were interrupted, which says nothing about the model
async function fastestOf(session: InlineSession, probe: readonly Tensor[], outputs: readonly string[]): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runsPerProbe; run++) {
    const startedAt = performance.now();
    await session.run(probe, outputs);
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  return fastest;
}
