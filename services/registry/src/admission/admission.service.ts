import type { ModelSignature, ReferenceProfile } from '@bascule/contracts';
import { CONFIG } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { probeBusy } from '../errors.js';
import type { AdmissionVerdict, LoadPlan, ProbeTask } from './admission.js';
import { probeModel } from './probe-process.runtime.js';
import { type SampleTensor, sampleRequests } from './sample-rows.js';

const maxWaiting = 32;

/** Lets a model in after it was inspected and tried, a few at a time. */
@Injectable()
export class AdmissionService {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly objects: ObjectStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Tries the stored bytes of a model with its signature. @throws `registry.probe_busy` when too many wait already */
  async admit(
    artifactDigest: string,
    signature: ModelSignature,
    profile: ReferenceProfile | undefined,
    samples: readonly SampleTensor[] | undefined,
  ): Promise<AdmissionVerdict> {
    return this.probe(artifactDigest, {
      signature,
      samples: samples ? [samples] : sampleRequests(signature, profile),
      areSamplesGiven: samples !== undefined,
    });
  }

  /** Puts a stored model under load. @throws `registry.probe_busy` when too many wait already */
  async loadTest(
    artifactDigest: string,
    signature: ModelSignature,
    profile: ReferenceProfile | undefined,
    load: LoadPlan,
  ): Promise<AdmissionVerdict> {
    return this.probe(artifactDigest, { signature, samples: sampleRequests(signature, profile), load }, load.seconds * 2000);
  }

  /** What a stored model answers to one request. @throws `registry.probe_busy` when too many wait already */
  async tryOut(artifactDigest: string, signature: ModelSignature, request: readonly SampleTensor[]): Promise<AdmissionVerdict> {
    return this.probe(artifactDigest, { signature, samples: [request], isTrial: true });
  }

  private async probe(artifactDigest: string, task: ProbeTask, moreMs = 0): Promise<AdmissionVerdict> {
    await this.enter();
    try {
      const { PROBE_TIMEOUT_MS, PROBE_MEMORY_MB } = this.config;
      const limits = { timeoutMs: PROBE_TIMEOUT_MS + moreMs, memoryBytes: PROBE_MEMORY_MB * 1024 * 1024 };
      return await probeModel(task, await this.objects.stream(artifactDigest), limits);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private async enter(): Promise<void> {
    if (this.waiting.length >= maxWaiting) throw probeBusy({ waiting: maxWaiting });
    while (this.running >= this.config.PROBE_PARALLEL) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
  }
}
