import { join } from 'node:path';
import type { Credential } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, CONFIG, Logger, newId } from '@bascule/platform';
import { ResumableUploads, UploadFiles } from '@bascule/uploads';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import type { Config } from '../config.js';
import { ArtifactUploadEntity } from './artifact-upload.entity.js';
import { uploadErrors } from './errors.js';

const lifetimeHours = 7 * 24;

/** Uploads that become artifacts. */
@Injectable()
export class ArtifactUploadsService extends ResumableUploads<ArtifactUploadEntity> {
  constructor(
    private readonly transactions: Transactions,
    private readonly artifacts: ArtifactsService,
    clock: Clock,
    log: Logger,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const files = new UploadFiles(join(config.OBJECT_ROOT, 'artifact-uploads'));
    super({ entity: ArtifactUploadEntity, errors: uploadErrors, files, transactions, clock, log });
  }

  /** Begins an upload of so many bytes. */
  async begin(lengthBytes: number, announcedDigest: string | null, credential: Credential): Promise<ArtifactUploadEntity> {
    const limitBytes = this.config.ARTIFACT_MAX_BYTES;
    if (lengthBytes > limitBytes || lengthBytes < 1) throw uploadErrors.tooLarge({ lengthBytes, limitBytes });
    return this.keep({ id: newId(), lengthBytes, announcedDigest, sentBy: credential.identity }, lifetimeHours);
  }

  protected override async complete(upload: ArtifactUploadEntity): Promise<ArtifactUploadEntity> {
    const { id, sentBy, announcedDigest } = upload;
    const { files } = this.parts;
    const { digest } = await this.artifacts
      .store(() => files.read(id), announcedDigest, sentBy)
      .catch(async (error: unknown) => {
        // other bytes than announced: the sender begins anew
        if ((error as { code?: string }).code === 'registry.digest_mismatch') await files.remove(id);
        throw error;
      });
    await this.transactions.manager.update(ArtifactUploadEntity, { id }, { became: digest });
    await files.remove(id);
    return { ...upload, became: digest };
  }
}
