import type { ModelSignature, ReferenceProfile } from '@bascule/contracts';
import { CONFIG } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { probeBusy } from '../errors.js';
import type { AdmissionVerdict, LoadFinding, LoadPlan } from './admission.js';
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
    await this.enter();
    try {
      const requests: (readonly SampleTensor[])[] = samples ? [samples] : sampleRequests(signature, profile);
      const limits = { timeoutMs: this.config.PROBE_TIMEOUT_MS, memoryBytes: this.config.PROBE_MEMORY_MB * 1024 * 1024 };
      return await probeModel({ signature, samples: requests }, await this.objects.stream(artifactDigest), limits);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  /** Puts a stored model under load. @throws `registry.probe_busy` when too many wait already */
  async loadTest(
    artifactDigest: string,
    signature: ModelSignature,
    profile: ReferenceProfile | undefined,
    load: LoadPlan,
  ): Promise<{ readonly faults: readonly string[]; readonly found?: LoadFinding | undefined }> {
    await this.enter();
    try {
      const timeoutMs = this.config.PROBE_TIMEOUT_MS + load.seconds * 2000;
      const limits = { timeoutMs, memoryBytes: this.config.PROBE_MEMORY_MB * 1024 * 1024 };
      const task = { signature, samples: sampleRequests(signature, profile), load };
      const { faults, load: found } = await probeModel(task, await this.objects.stream(artifactDigest), limits);
      return { faults, found };
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
