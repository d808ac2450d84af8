import { batchPieceFinished, batchPieceRefused } from '@bascule/contracts';
import { BasculeError, CONFIG, Logger } from '@bascule/platform';
import { objectCorrupt, objectNotFound } from '@bascule/storage';
import { Inject, Injectable } from '@nestjs/common';
import { AdmissionService } from '../admission/admission.service.js';
import { unpackPiece } from '../batch-files/piece-file.js';
import { batchPieceUnsafe } from '../batch-jobs/errors.js';
import type { Config } from '../config.js';
import { RetainedPublisher } from '../publishing/retained-publisher.service.js';
import { LoadRefused } from '../runtime/models.service.js';
import { BatchObjects } from './batch-objects.store.js';
import type { BatchPiece } from './batch-piece.js';
import { EndedJobs } from './ended-jobs.service.js';
import { PinnedVersions } from './pinned-versions.service.js';
import { PredictPiece } from './predict-piece.service.js';

const final = new Set([objectNotFound, objectCorrupt, batchPieceUnsafe].map(({ definition }) => definition.code));

/** Works on pieces of batch jobs: reads the rows, predicts them, stores the results and says so. */
@Injectable()
export class BatchPieces {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly objects: BatchObjects,
    private readonly versions: PinnedVersions,
    private readonly predict: PredictPiece,
    private readonly endedJobs: EndedJobs,
    private readonly publisher: RetainedPublisher,
    private readonly admission: AdmissionService,
    private readonly log: Logger,
  ) {}

  /** Does the whole piece; done twice it gives the same results under the same prediction ids. */
  async work(piece: BatchPiece['data']): Promise<void> {
    const { jobId } = piece;
    const about = { jobId, piece: piece.piece, gatewayId: this.config.INSTANCE_ID };
    try {
      await this.endedJobs.whileRunning(jobId, async (signal) => {
        const rows = unpackPiece(await this.objects.get(piece.inputDigest));
        const result = await this.versions.use(piece.modelName, piece.version, (loaded) =>
          this.predict.predict(piece, loaded, rows, signal),
        );
        const { digest: resultDigest } = await this.objects.put(result.bytes());
        const { rowCount } = rows;
        const { failedCount } = result;
        await this.publisher.publish({ definition: batchPieceFinished, data: { ...about, resultDigest, rowCount, failedCount } });
        this.admission.count(piece.keyId, rowCount - failedCount);
      });
    } catch (error) {
      const reasons = reasonsOf(error);
      if (!reasons) throw error;
      // what an ended job left in the queue has lost its object; a job that still runs fails with the reason
      const isLeftOver = error instanceof BasculeError && error.code === objectNotFound.definition.code;
      this.log[isLeftOver ? 'debug' : 'warn']({ ...about, reasons }, 'piece of a batch job refused');
      await this.publisher.publish({ definition: batchPieceRefused, data: { ...about, reasons } });
    }
  }
}

/** Why no try will ever succeed; undefined for what may pass. */
function reasonsOf(error: unknown): string[] | undefined {
  if (error instanceof LoadRefused) return error.reasons.map((reason) => `the model is refused: ${reason}`);
  return error instanceof BasculeError && final.has(error.code) ? [error.detail] : undefined;
}
