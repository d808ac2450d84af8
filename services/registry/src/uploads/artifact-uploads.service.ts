import type { Readable } from 'node:stream';
import type { Credential } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import type { Config } from '../config.js';
import { uploadNotFound, uploadOffsetConflict, uploadTooLarge } from '../errors.js';
import { ArtifactUploadEntity } from './artifact-upload.entity.js';
import { UploadPieces } from './upload-pieces.store.js';

const lifetimeMs = 7 * 24 * 3_600_000;

/** An upload and how much of it is there. */
export interface UploadState {
  readonly upload: ArtifactUploadEntity;
  readonly offsetBytes: number;
}

/** Model files that arrive in pieces: collected in a file, which becomes an artifact when it is complete. */
@Injectable()
export class ArtifactUploadsService {
  private readonly writing = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    private readonly pieces: UploadPieces,
    private readonly artifacts: ArtifactsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Begins an upload of so many bytes; uploads that have expired leave. */
  async begin(lengthBytes: number, announcedDigest: string | null, credential: Credential): Promise<ArtifactUploadEntity> {
    const limitBytes = this.config.ARTIFACT_MAX_BYTES;
    if (lengthBytes > limitBytes || lengthBytes < 1) throw uploadTooLarge({ lengthBytes, limitBytes });
    await this.removeExpired();
    const createdAt = this.clock.now();
    const upload = { uploadId: newId(), lengthBytes, announcedDigest, sentBy: credential.identity, artifactDigest: null, createdAt };
    const entity = this.transactions.manager.create(ArtifactUploadEntity, {
      ...upload,
      expiresAt: new Date(createdAt.getTime() + lifetimeMs),
    });
    await this.transactions.manager.insert(ArtifactUploadEntity, entity);
    return entity;
  }

  /** An upload of the sender. One whose bytes are all there becomes its artifact, if its process ended before that. */
  async get(id: string, credential: Credential): Promise<UploadState> {
    const upload = await this.find(id, credential);
    if (upload.artifactDigest !== null) return { upload, offsetBytes: upload.lengthBytes };
    const offsetBytes = await this.pieces.sizeOf(id);
    if (offsetBytes < upload.lengthBytes || this.writing.has(id)) return { upload, offsetBytes };
    return { upload: await this.exclusively(id, () => this.complete(upload)), offsetBytes };
  }

  /** Takes the bytes from an offset on; with the last of them the upload becomes an artifact. */
  async append(id: string, offset: number, body: Readable, credential: Credential): Promise<UploadState> {
    return this.exclusively(id, async () => {
      const upload = await this.find(id, credential);
      const offsetBytes = upload.artifactDigest === null ? await this.pieces.sizeOf(id) : upload.lengthBytes;
      if (offset !== offsetBytes) throw uploadOffsetConflict({ offsetBytes }, `${offsetBytes} bytes have arrived`);
      if (upload.artifactDigest !== null) return { upload, offsetBytes };
      const size = await this.pieces.write(id, offset, bounded(body, upload.lengthBytes - offset));
      return { upload: size < upload.lengthBytes ? upload : await this.complete(upload), offsetBytes: size };
    });
  }

  /** Gives an upload up; an artifact that it became stays. */
  async remove(id: string, credential: Credential): Promise<void> {
    await this.find(id, credential);
    await this.transactions.manager.delete(ArtifactUploadEntity, { uploadId: id });
    await this.pieces.remove(id);
  }

  private async removeExpired(): Promise<void> {
    const { manager } = this.transactions;
    await manager.delete(ArtifactUploadEntity, { expiresAt: LessThan(this.clock.now()) });
    for (const uploadId of await this.pieces.list()) {
      const upload = await manager.findOneBy(ArtifactUploadEntity, { uploadId });
      if (!upload || upload.artifactDigest !== null) await this.pieces.remove(uploadId);
    }
  }

  private async find(uploadId: string, { identity }: Credential): Promise<ArtifactUploadEntity> {
    const upload = await this.transactions.manager.findOneBy(ArtifactUploadEntity, { uploadId });
    if (!upload || upload.sentBy !== identity) throw uploadNotFound({ upload: uploadId });
    return upload;
  }

  private async complete(upload: ArtifactUploadEntity): Promise<ArtifactUploadEntity> {
    const { uploadId, sentBy, announcedDigest } = upload;
    const { digest } = await this.artifacts
      .store(() => this.pieces.read(uploadId), announcedDigest, sentBy)
      .catch(async (error: unknown) => {
        // other bytes than announced: the sender begins anew
        if ((error as { code?: string }).code === 'registry.digest_mismatch') await this.pieces.remove(uploadId);
        throw error;
      });
    await this.transactions.manager.update(ArtifactUploadEntity, { uploadId }, { artifactDigest: digest });
    await this.pieces.remove(uploadId);
    return { ...upload, artifactDigest: digest };
  }

  private async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.writing.has(id)) throw uploadOffsetConflict({ upload: id }, 'another request is writing to it');
    this.writing.add(id);
    try {
      return await work();
    } finally {
      this.writing.delete(id);
    }
  }
}

async function* bounded(body: Readable, limitBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  // not destroyed with the loop: the connection still has to carry the refusal
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw uploadTooLarge({ limitBytes });
    yield chunk;
  }
}
