import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { BatchProgress } from '../batch-work/batch-progress.service.js';
import type { Config } from '../config.js';
import type { BatchJob } from './batch-job.entity.js';
import type { BatchJobView } from './batch-jobs.schema.js';

const dayMs = 86_400_000;

/** Shows batch jobs to clients. */
@Injectable()
export class BatchViews {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly progress: BatchProgress,
  ) {}

  async viewOf(job: BatchJob): Promise<BatchJobView> {
    const { id: jobId, modelName, status, reason, source: input, options, requestedBy, acceptedAt, endedAt } = job;
    return {
      ...{ jobId, modelName, version: job.version.version, status, reason: reason ?? null, input },
      output: options.output,
      capture: options.capture?.level ?? 'all',
      rows: { total: job.isCut ? job.rowCount : null, done: job.rowsDone, failed: job.rowsFailed },
      ...(await this.progress.pace(job)),
      findings: [...job.findings],
      result: this.resultOf(job),
      requestedBy,
      acceptedAt: acceptedAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    };
  }

  private resultOf({ resultDigest: digest, resultSizeBytes, endedAt, expiredAt }: BatchJob): BatchJobView['result'] {
    if (!digest || !endedAt || expiredAt) return null;
    const availableUntil = new Date(endedAt.getTime() + this.config.BATCH_RESULT_DAYS * dayMs).toISOString();
    return { digest, sizeBytes: Number(resultSizeBytes), availableUntil };
  }
}
