import { CONFIG, Logger, Metrics, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { CaptureService } from '../capture/capture.service.js';
import { isSampled } from '../capture/capture-level.js';
import type { Answered } from '../capture/prediction-record.js';
import type { Config } from '../config.js';
import { matchInputs } from '../inference/inference-request.js';
import { isLate } from '../rollout-guard/failure-kind.js';
import { RolloutGuard } from '../rollout-guard/rollout-guard.service.js';
import type { ActiveRoute, ShadowRoute } from '../routing/routing.service.js';

const maxRunningRows = 2_048;

/**
 * Lets shadow versions see copies of what the champion answered, and the champion copies of what a version answers that has taken
 * all of its share. Nothing that happens to a copy touches the answer:
 * it runs afterwards, behind everything live; what fails or finds no room is counted and forgotten.
 */
@Injectable()
export class ShadowCopies {
  private runningRows = 0;
  private readonly answered;
  private readonly failed;
  private readonly shed;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly guard: RolloutGuard,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.answered = metrics.counter('serving_shadow_predictions_total', 'Rows that a shadow version answered, by model and version');
    this.failed = metrics.counter('serving_shadow_failures_total', 'Rows that a shadow version failed on, by model and version');
    this.shed = metrics.counter('serving_shadow_shed_total', 'Rows that found no room at a shadow version, by model and version');
  }

  /** Starts the copies of an answer and returns at once. */
  copy(route: ActiveRoute, answered: Answered): void {
    const [id = ''] = answered.predictionIds;
    for (const shadow of route.shadows) {
      if (shadow.of === answered.role && isSampled(id, shadow.percent) && isFit(shadow, answered)) this.start(route, shadow, answered);
    }
  }

  private start(route: ActiveRoute, shadow: ShadowRoute, answered: Answered): void {
    const rows = answered.predictionIds.length;
    const labels = labelsOf(shadow);
    if (this.runningRows + rows > maxRunningRows) {
      this.shed.add(rows, labels);
      return;
    }
    this.runningRows += rows;
    const { version } = shadow.loaded.routed;
    this.run(shadow, answered)
      .then(
        (elapsedMs) => {
          this.answered.add(rows, labels);
          if (shadow.of === 'champion') this.guard.answered(route, version, elapsedMs * 1000, answered);
          else this.guard.copied(route, version);
        },
        (error: unknown) => {
          this.failed.add(rows, labels);
          // a champion that answers copies behind everything live was in time while it was asked first: late, it failed on nothing
          if (shadow.of === 'champion' || !isLate(error)) this.guard.failed(route, version, error);
          this.log.debug({ err: error, ...labels }, 'a shadow failed on a copy');
        },
      )
      .finally(() => {
        this.runningRows -= rows;
      });
  }

  /** @returns how long the shadow took, in ms */
  private async run({ loaded }: ShadowRoute, answered: Answered): Promise<number> {
    const startedAt = performance.now();
    const { signature } = loaded.routed;
    const inputs = matchInputs(answered.inputs, signature.inputs);
    if (!inputs.ok) throw new Error(inputs.reason);
    if (loaded.isBatched !== answered.loaded.isBatched) throw new Error('only one of champion and shadow takes rows in batches');
    const names = signature.outputs.map(({ name }) => name);
    const deadlineAt = startedAt + this.config.REQUEST_DEADLINE_MS;
    const outputs = await loaded.batcher.infer(inputs.value, names, { priority: 'shadow', deadlineAt });
    const elapsedMs = performance.now() - startedAt;
    await this.capture.record({
      ...answered,
      loaded,
      role: 'shadow',
      predictionIds: answered.predictionIds.map(() => newId()),
      shadowOf: answered.predictionIds,
      latencyUs: Math.round(elapsedMs * 1000),
      inputs: inputs.value,
      outputs,
    });
    return elapsedMs;
  }
}

/** A former champion that was made for other requests cannot be compared; a shadow that was fails on its copies. */
function isFit({ of, loaded }: ShadowRoute, answered: Answered): boolean {
  if (of === 'champion') return true;
  return loaded.isBatched === answered.loaded.isBatched && matchInputs(answered.inputs, loaded.routed.signature.inputs).ok;
}

function labelsOf({ loaded }: ShadowRoute): { model: string; version: string } {
  return { model: loaded.modelName, version: String(loaded.routed.version) };
}
