import { Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { matchInputs } from '../inference/inference-request.js';
import { sizeOfInputs } from '../inference/input-size.js';
import type { Tensor } from '../inference/tensor.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { tookProcessDown } from '../runtime/placed-model.js';
import { failureKind, isLate } from './failure-kind.js';

/** A request that a version failed on. */
export interface FailedRequest {
  readonly keyId: string;
  readonly inputs: readonly Tensor[];
  /** How long it had in all. */
  readonly allowanceMs: number;
  readonly error: unknown;
}

/** What became of the same request at the other version; `unknown` where it could not be asked. */
export type Opinion = 'answered' | 'failed' | 'unknown';

const atOnce = 2;
const maxWaiting = 64;
const maxBytes = 65_536;
const harmPauseMs = 10_000;

/**
 * Puts what one version of a rollout failed on to the other one, behind everything live and a few at a time: what neither can
 * answer is no fault of a version.
 */
@Injectable()
export class SecondOpinions {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** Keys whose requests took both versions down, and when: they are not to do it once more. */
  private readonly harmful = new Map<string, number>();
  private readonly asked;

  constructor(metrics: Metrics) {
    this.asked = metrics.counter(
      'serving_second_opinions_total',
      'Requests that a version of a rollout failed on, by model and by what became of them at the other version',
    );
  }

  async ask(other: LoadedVersion, request: FailedRequest): Promise<Opinion> {
    const opinion = await this.opinionOf(other, request);
    this.asked.add(1, { model: other.modelName, outcome: opinion });
    return opinion;
  }

  private async opinionOf(other: LoadedVersion, request: FailedRequest): Promise<Opinion> {
    const inputs = matchInputs(request.inputs, other.routed.signature.inputs);
    if (!inputs.ok || sizeOfInputs(request.inputs) > maxBytes || this.waiting.length >= maxWaiting) return 'unknown';
    if (this.running >= atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      return await this.put(other, inputs.value, request);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private async put(other: LoadedVersion, inputs: readonly Tensor[], { keyId, allowanceMs, error }: FailedRequest): Promise<Opinion> {
    const now = performance.now();
    const isHarmful = tookProcessDown(error);
    if (isHarmful && now < (this.harmful.get(keyId) ?? Number.NEGATIVE_INFINITY) + harmPauseMs) return 'failed';
    const names = other.routed.signature.outputs.map(({ name }) => name);
    try {
      await other.batcher.infer(inputs, names, { priority: 'shadow', deadlineAt: now + allowanceMs });
      return 'answered';
    } catch (refusal) {
      if (tookProcessDown(refusal)) this.noteHarm(keyId);
      // to be too late behind everything live says something only about a request that was too late at first
      const isComparable = !isLate(refusal) || isLate(error);
      return failureKind(refusal) === 'suspect' && isComparable ? 'failed' : 'unknown';
    }
  }

  private noteHarm(keyId: string): void {
    const now = performance.now();
    for (const [key, at] of this.harmful) if (at + harmPauseMs <= now) this.harmful.delete(key);
    this.harmful.set(keyId, now);
  }
}
